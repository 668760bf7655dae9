import * as z from 'zod';
import type { CancelledOrder, CancelledOrderType, Customer, Money } from './cancelled-order.ts';
import type { CallFailure } from './call-failure.ts';
import type { HttpClient } from './http-client.ts';

/**
 * The contract of a provider: a kind of order system. One folder and one line in `registry.ts` each.
 *
 * A provider maps between our words and its wire format. It never throws for what the provider does or fails to do:
 * every way in which a call can end is a member of a reply's union. It knows nothing of the ledger, of retries of
 * changing calls, or of other providers.
 */
export interface Provider<Settings = unknown> {
  readonly name: string;
  /** The fields of a connection's declaration that only this provider has. */
  readonly settings: z.ZodType<Settings>;
  /** What an order id looks like here, with a sentence for who got it wrong. */
  readonly orderId: { readonly pattern: RegExp; readonly description: string };
  readonly capabilities: Readonly<Record<CapabilityName, Capability>>;
  /** From where orders come whose payment a rule may stop waiting for, in the provider's own words; none where it lists no unpaid orders. */
  readonly origins: readonly string[];
  /** The IANA time zone in which the account reckons its days. */
  timeZone(settings: Settings): string;
  /**
   * Which account a declaration speaks for. `place`: where it lies, the same text however the URL is written. `isWhole`: the place alone
   * says which account it is; otherwise the credential says it.
   */
  account(declared: { readonly baseUrl: URL; readonly settings: Settings }): {
    readonly place: string;
    readonly isWhole: boolean;
  };
  open(account: Account<Settings>): ProviderClient;
}

export type CapabilityName = 'cancel' | 'lookUp' | 'list' | 'restore' | 'delete' | 'unpaidOrders';

export const EFFECTS = ['order_status', 'stock', 'balance', 'courier_pickup', 'invoice'] as const;
export type Effect = (typeof EFFECTS)[number];

export const capabilitySchema = z
  .object({
    evidence: z.enum(['documented', 'inferred', 'emulated', 'absent']).meta({
      description:
        'How sure we are that the provider offers it: its own documentation, a conclusion of ours, put together by us from other ' +
        'calls, or not at all.',
    }),
    effects: z.readonly(z.array(z.enum(EFFECTS))).meta({ description: 'What it touches, as far as is known.' }),
    reversible: z.nullable(z.boolean()).meta({ description: 'null: not known.' }),
    note: z.string().meta({ description: 'What a person should know before using it.' }),
  })
  .meta({ id: 'Capability' });
export type Capability = Readonly<z.infer<typeof capabilitySchema>>;

/** What a provider needs to speak for one connection. */
export interface Account<Settings> {
  readonly connection: string;
  readonly baseUrl: URL;
  readonly settings: Settings;
  readonly credential: string;
  readonly http: HttpClient;
}

export interface ProviderClient {
  /**
   * Asks the provider to cancel the order: **one** changing request at the most, never repeated, cut off after `timeoutMs`.
   */
  cancel(orderId: string, call: AskLimits): Promise<CancelReply>;
  /** Reads the order back. Changes nothing; may repeat its requests within `timeoutMs`. */
  lookUp(query: LookUpQuery, call: CallLimits): Promise<LookUpReply>;
  /** Reads the order as the provider itself writes it. Changes nothing; may repeat its requests within `timeoutMs`. */
  original(orderId: string, call: CallLimits): Promise<OriginalReply>;
  /** Reads a page of the provider's own list of cancelled orders as the provider itself writes it. */
  readonly originalPage: Offer<(query: OriginalPageQuery, call: CallLimits) => Promise<OriginalPage | CallFailure>>;
  /** Makes a cancelled order active again: one changing request at the most, as in `cancel`. */
  readonly restore: Offer<(orderId: string, call: AskLimits) => Promise<RestoreReply>>;
  /** Deletes a cancelled order for good: one changing request at the most, as in `cancel`. */
  readonly delete: Offer<(orderId: string, call: AskLimits) => Promise<DeleteReply>>;
  /** Reads a window of the provider's own list of cancelled orders. Changes nothing; may repeat its requests within `timeoutMs`. */
  readonly listCancelled: Offer<(query: WindowQuery, call: CallLimits) => Promise<WindowReply>>;
  /** Reads orders that nobody has paid. Changes nothing; may repeat its requests within `timeoutMs`. */
  readonly unpaidOrders: Offer<UnpaidOrders>;
}

export interface UnpaidOrders {
  /** Every order that the provider lists as unpaid, of those that may have been ordered before a moment (epoch milliseconds). */
  list(query: { readonly orderedBefore: number }, call: CallLimits): Promise<UnpaidReply>;
  /** One order, by as few requests as can be, so that it is as fresh as can be; null where it is not among the active ones. */
  read(orderId: string, call: CallLimits): Promise<{ kind: 'read'; order: UnpaidOrder | null } | CallFailure>;
}

export type UnpaidReply =
  | {
      readonly kind: 'unpaid';
      /** In no order, none twice. */
      readonly orders: readonly UnpaidOrder[];
      /** Whether the list was read to its end. A row that moved while it was read may be missing all the same. */
      readonly isWhole: boolean;
    }
  | CallFailure;

/** What an order shows that is said to be unpaid. Whatever is not shown, or cannot be read, is never taken for a "no". */
export interface UnpaidOrder {
  readonly orderId: string;
  /** By a documented word for it. */
  readonly isActive: boolean;
  /** `none` only where all that it shows of payments says that nothing was paid. */
  readonly payment: 'none' | 'shown' | 'unclear';
  /** Whether nothing but its payment is waited for: nobody prepares or sends it yet. */
  readonly isWaiting: boolean;
  /** Whether it is to be paid on delivery, so that it is unpaid on purpose; null where that is not shown. */
  readonly cashOnDelivery: boolean | null;
  /** Where it came from, in the provider's own word. */
  readonly origin: string | null;
  /** The latest moment that its dates can mean for its making, in epoch milliseconds; null where one of them cannot be read. */
  readonly madeBy: number | null;
  /** What speaks against cancelling it. */
  readonly warnings: readonly Warning[];
  readonly total: Money | null;
}

export type OriginalReply =
  /** Whole, personal data and all: only for replies in the provider's own dialect. */
  | { readonly kind: 'original'; readonly order: OriginalOrder }
  /** The provider has no such order, as far as it shows. */
  | { readonly kind: 'absent' }
  | CallFailure;

/** Filters and pages in the provider's own way: dates are its bare ones, null for its own default, and pages count from 1. */
export interface OriginalPageQuery {
  readonly type: CancelledOrderType;
  readonly fromDate: string | null;
  readonly toDate: string | null;
  readonly perPage: number;
  readonly page: number;
}

export interface OriginalPage {
  readonly kind: 'page';
  readonly rows: readonly OriginalOrder[];
  /** Of all pages. */
  readonly total: number;
  readonly totalPages: number;
}

/** JSON, in the provider's own words. */
export type OriginalOrder = Readonly<Record<string, unknown>>;

/**
 * A call that not every provider has: there is nothing to call until it was asked whether it is offered.
 * Its capability is `absent`, or emulated from the ledger, where it is not.
 */
export type Offer<Call> = { readonly offered: true; readonly call: Call } | { readonly offered: false };

export const NOT_OFFERED = { offered: false } as const;

export interface CallLimits {
  /** Milliseconds that the whole call may take, repetitions included. */
  readonly timeoutMs: number;
}

export interface AskLimits extends CallLimits {
  /** The mark of the order's history before this ask, if known: a refusal that is not newer is of an earlier ask. */
  readonly historyMark?: string | null;
}

export interface LookUpQuery {
  readonly orderId: string;
  /** When the last ask began, in epoch milliseconds, and the mark of the order's history before it: they tell its refusal from an earlier one's. */
  readonly askedAt: number;
  readonly historyMark: string | null;
  /**
   * What was made before this moment (epoch milliseconds) proves nothing, and is `stale_reply`. Where it is missing, or still to come, that
   * is so of what was made before the look-up.
   */
  readonly madeAfter?: number;
}

/** How a cancel call ended. */
export type CancelReply = AskReply<'cancelled'>;
export type RestoreReply = AskReply<'restored'> | Unproven;
export type DeleteReply = AskReply<'deleted'> | Unproven;

export type AskReply<Done extends string> =
  /**
   * The provider's own evidence that it is done (design, promise 3), not merely a 2xx. `listed`: the order as the reply shows
   * it, where it does.
   */
  | { readonly kind: Done; readonly status: string; readonly listed?: ListedOrder | null }
  /** Taken, and still being decided. `historyMark` tells a later refusal of this ask from earlier ones. */
  | { readonly kind: 'accepted'; readonly status: string; readonly historyMark: string | null }
  /** The provider said no, in these words. They are not documented, so the order is read back before they are believed. */
  | { readonly kind: 'refused'; readonly words: string }
  /** The provider said that it has no such order. */
  | { readonly kind: 'order_not_found'; readonly words: string }
  | CallFailure;

/** A 2xx that seems to say that it is done, in a form that is not documented: the order is read back before it is believed. */
export interface Unproven {
  readonly kind: 'unproven';
}

/** What the provider shows of an order. */
export type LookUpReply =
  | { readonly kind: 'cancelled'; readonly order: OrderFacts }
  /** The provider still decides over a cancellation that was asked for. */
  | { readonly kind: 'deciding'; readonly order: OrderFacts }
  /** Not cancelled. `refusal`: the provider's words where it refused this very ask. `historyMark` tells this history from later entries. */
  | {
      readonly kind: 'not_cancelled';
      readonly order: OrderFacts;
      readonly refusal: string | null;
      readonly historyMark: string | null;
      /** Its status is a word that is not known: it is not cancelled, and not proven to be active either. */
      readonly isUnclear?: boolean;
    }
  /** Not active, and not cancelled either: it was rejected, or has expired. */
  | { readonly kind: 'closed'; readonly order: OrderFacts }
  /** The provider itself says that it has no such order. */
  | { readonly kind: 'order_not_found' }
  /** An emulated look-up went through every list to its end and did not see the order. Proves nothing by itself. */
  | { readonly kind: 'nowhere' }
  | CallFailure;

/** What a look-up tells of the order beside the one question. Held in memory only. */
export interface OrderFacts {
  /** The provider's own word. */
  readonly status: string;
  /** What speaks against cancelling, for a dry run. */
  readonly warnings: readonly Warning[];
  /** What the order is worth, where it is shown. */
  readonly total: Money | null;
  /** Personal values seen in the order (names, addresses, phones, …), so that they can be struck out of the provider's words. */
  readonly personalData: readonly string[];
  /** The order as a row of cancelled orders, where it is `cancelled` or `closed` and the provider shows as much. */
  readonly listed?: ListedOrder | null;
}

export const warningSchema = z
  .object({
    code: z.enum([
      'shipped',
      'invoice_issued',
      'marketplace_order',
      'paid',
      'already_cancelled',
      'partly_returned',
      'balance_may_be_spent',
      'type_not_documented',
      'not_readable',
      'status_unknown',
      'refused_before',
      'not_active',
    ]),
    text: z.string(),
  })
  .meta({ id: 'Warning' });
export type Warning = Readonly<z.infer<typeof warningSchema>>;

/** A cancelled order as its provider shows it. */
export interface ListedOrder {
  /** Without members that are personal; what its texts say may be (`operations/rules/struck-order.ts`). */
  readonly order: CancelledOrder;
  /** By what moment it is in order (RFC 3339 UTC with milliseconds), where when it was ordered can be told but roughly. */
  readonly orderedAbout?: string | null;
  /** Apart from the order, so that showing it is always somebody's decision. */
  readonly customer: Customer | null;
  /** Personal values of others than the customer that the order shows: of who sends it. */
  readonly others?: readonly string[];
  /** Changes whenever anything changes that the provider shows of the order. Keyed, so that nothing can be guessed from it. */
  readonly version: string;
  /** What speaks against making it active again, for a dry run. */
  readonly restoreWarnings: readonly Warning[];
}

/** A period of order dates, both ends inclusive, in epoch milliseconds. */
export interface WindowQuery {
  readonly type: CancelledOrderType;
  readonly from: number;
  readonly to: number;
}

/** What one reading of a provider's list told. */
export type WindowReply =
  | {
      readonly kind: 'window';
      /** Every order of the type that was ordered from `from` to the query's `to`; in no order, none twice. */
      readonly orders: readonly ListedOrder[];
      /** The query's `from`, or later where the period holds too many orders for one window: then what is before it is still to be read. */
      readonly from: number;
      /** Requests made, for progress. */
      readonly pages: number;
      /** Whether the list stood still enough while it was read for an order not to have been missed. */
      readonly stoodStill: boolean;
    }
  | CallFailure;

import * as z from 'zod';
import type { CancelledOrder, CancelledOrderType, Customer, Money } from './cancelled-order.ts';
import type { CallFailure } from './call-failure.ts';
import type { HttpClient } from './http-client.ts';

/**
 * The contract of a provider, a kind of order system. Each provider has a folder and one line in `registry.ts`.
 *
 * A provider translates between our words and its wire format. It never throws for what the provider does or fails to do: every way
 * in which a call can end is a member of a reply's union. It knows nothing of the ledger, of retries of changing calls, or of other
 * providers.
 */
export interface Provider<Settings = unknown> {
  readonly name: string;
  /** The fields of a connection's declaration that only this provider has. */
  readonly settings: z.ZodType<Settings>;
  /** The form of an order id. `description` is a sentence for callers who sent a malformed id. */
  readonly orderId: { readonly pattern: RegExp; readonly description: string };
  readonly capabilities: Readonly<Record<CapabilityName, Capability>>;
  /** The origins that a rule for unpaid orders may name, in the provider's own words. Empty if the provider lists no unpaid orders. */
  readonly origins: readonly string[];
  /** The IANA time zone of the account's dates. */
  timeZone(settings: Settings): string;
  /**
   * Identifies the account of a declaration. `place`: the account's address, as the same text however the URL is written.
   * `isWhole`: the place alone identifies the account; otherwise the credential does.
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
        'How sure we are that the provider offers it. `documented`: by its own documentation. `inferred`: we concluded it. ' +
        '`emulated`: we build it from other calls. `absent`: it does not exist.',
    }),
    effects: z.readonly(z.array(z.enum(EFFECTS))).meta({ description: 'What the call changes, as far as is known.' }),
    reversible: z.nullable(z.boolean()).meta({ description: 'null if not known.' }),
    note: z.string().meta({ description: 'What a person should know before using the capability.' }),
  })
  .meta({ id: 'Capability' });
export type Capability = Readonly<z.infer<typeof capabilitySchema>>;

/** What a provider needs to make calls for one connection. */
export interface Account<Settings> {
  readonly connection: string;
  readonly baseUrl: URL;
  readonly settings: Settings;
  readonly credential: string;
  readonly http: HttpClient;
}

export interface ProviderClient {
  /** Asks the provider to cancel the order: at most **one** changing request, never repeated, cut off after `timeoutMs`. */
  cancel(orderId: string, call: AskLimits): Promise<CancelReply>;
  /** Reads the order back. Changes nothing; may repeat its requests within `timeoutMs`. */
  lookUp(query: LookUpQuery, call: CallLimits): Promise<LookUpReply>;
  /** Reads the order in the provider's own format. Changes nothing; may repeat its requests within `timeoutMs`. */
  original(orderId: string, call: CallLimits): Promise<OriginalReply>;
  /** Reads a page of the provider's list of cancelled orders, in the provider's own format. */
  readonly originalPage: Offer<(query: OriginalPageQuery, call: CallLimits) => Promise<OriginalPage | CallFailure>>;
  /** Makes a cancelled order active again: at most one changing request, as in `cancel`. */
  readonly restore: Offer<(orderId: string, call: AskLimits) => Promise<RestoreReply>>;
  /** Deletes a cancelled order for good: at most one changing request, as in `cancel`. */
  readonly delete: Offer<(orderId: string, call: AskLimits) => Promise<DeleteReply>>;
  /** Reads a window of the provider's list of cancelled orders. Changes nothing; may repeat its requests within `timeoutMs`. */
  readonly listCancelled: Offer<(query: WindowQuery, call: CallLimits) => Promise<WindowReply>>;
  /** Reads unpaid orders. Changes nothing; may repeat its requests within `timeoutMs`. */
  readonly unpaidOrders: Offer<UnpaidOrders>;
}

export interface UnpaidOrders {
  /** Lists every unpaid order that may have been placed before `orderedBefore` (epoch milliseconds). */
  list(query: { readonly orderedBefore: number }, call: CallLimits): Promise<UnpaidReply>;
  /**
   * Reads one order with as few requests as possible, so that it is as fresh as possible. `order` is null if it is not among the
   * active orders.
   */
  read(orderId: string, call: CallLimits): Promise<{ kind: 'read'; order: UnpaidOrder | null } | CallFailure>;
}

export type UnpaidReply =
  | {
      readonly kind: 'unpaid';
      /** Unsorted, without duplicates. */
      readonly orders: readonly UnpaidOrder[];
      /** Whether the list was read to its end. Even then, a row that moved during the reading may be missing. */
      readonly isWhole: boolean;
    }
  | CallFailure;

/** An order that its provider lists as unpaid. A field that is missing or unreadable is never taken for a "no". */
export interface UnpaidOrder {
  readonly orderId: string;
  /** Whether its status is a documented word for an active order. */
  readonly isActive: boolean;
  /** `none` only if every payment field that the order shows says that nothing was paid. */
  readonly payment: 'none' | 'shown' | 'unclear';
  /** Whether the order waits only for its payment: nobody is preparing or shipping it yet. */
  readonly isWaiting: boolean;
  /** Whether the order is to be paid on delivery, and is therefore unpaid on purpose; null if not shown. */
  readonly cashOnDelivery: boolean | null;
  /** The order's origin, in the provider's own word. */
  readonly origin: string | null;
  /** The latest time, by its dates, at which the order can have been made, in epoch milliseconds; null if one of them is unreadable. */
  readonly madeBy: number | null;
  /** Reasons not to cancel the order. */
  readonly warnings: readonly Warning[];
  readonly total: Money | null;
}

export type OriginalReply =
  /** The whole order, with personal data: only for replies in the provider's own dialect. */
  | { readonly kind: 'original'; readonly order: OriginalOrder }
  /** The provider does not show such an order. */
  | { readonly kind: 'absent' }
  | CallFailure;

/** Filters and pages as the provider has them: bare dates, null for the provider's default; pages count from 1. */
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
  /** The number of rows on all pages. */
  readonly total: number;
  readonly totalPages: number;
}

/** The order's JSON as the provider wrote it. */
export type OriginalOrder = Readonly<Record<string, unknown>>;

/**
 * A call that not every provider has. Callers must check `offered` before they can call it. If it is not offered, its capability is
 * `absent`, or emulated from the ledger.
 */
export type Offer<Call> = { readonly offered: true; readonly call: Call } | { readonly offered: false };

export const NOT_OFFERED = { offered: false } as const;

export interface CallLimits {
  /** Milliseconds for the whole call, repetitions included. */
  readonly timeoutMs: number;
}

export interface AskLimits extends CallLimits {
  /** The order's history mark before this ask, if known. A refusal that is not newer belongs to an earlier ask. */
  readonly historyMark?: string | null;
}

export interface LookUpQuery {
  readonly orderId: string;
  /**
   * When the last ask began, in epoch milliseconds. With the order's history mark before it, this tells a refusal of that ask from
   * an earlier one's.
   */
  readonly askedAt: number;
  readonly historyMark: string | null;
  /**
   * A reply that was made before this moment (epoch milliseconds) proves nothing and is a `stale_reply`. If this is missing or in
   * the future, the start of the look-up counts instead.
   */
  readonly madeAfter?: number;
}

/** How a cancel call ended. */
export type CancelReply = AskReply<'cancelled'>;
export type RestoreReply = AskReply<'restored'> | Unproven;
export type DeleteReply = AskReply<'deleted'> | Unproven;

export type AskReply<Done extends string> =
  /**
   * The provider's own evidence that the ask took effect (design, promise 3), not merely a 2xx. `listed`: the order as the reply
   * shows it, if it does.
   */
  | { readonly kind: Done; readonly status: string; readonly listed?: ListedOrder | null }
  /** The provider accepted the ask and is still deciding. `historyMark` tells a later refusal of this ask from earlier ones. */
  | { readonly kind: 'accepted'; readonly status: string; readonly historyMark: string | null }
  /** The provider refused, in these words. They are not documented, so the order is read back before they are believed. */
  | { readonly kind: 'refused'; readonly words: string }
  /** The provider said that it has no such order. */
  | { readonly kind: 'order_not_found'; readonly words: string }
  | CallFailure;

/** A 2xx that seems to report success, in an undocumented form. The order is read back before it is believed. */
export interface Unproven {
  readonly kind: 'unproven';
}

/** What a look-up of an order found. */
export type LookUpReply =
  | { readonly kind: 'cancelled'; readonly order: OrderFacts }
  /** The provider is still deciding about a requested cancellation. */
  | { readonly kind: 'deciding'; readonly order: OrderFacts }
  /** Not cancelled. `refusal`: the provider's words if it refused this very ask. `historyMark` tells this history from later entries. */
  | {
      readonly kind: 'not_cancelled';
      readonly order: OrderFacts;
      readonly refusal: string | null;
      readonly historyMark: string | null;
      /** The status is an unknown word: the order is not cancelled, but not proven to be active either. */
      readonly isUnclear?: boolean;
    }
  /** Neither active nor cancelled: the order was rejected or has expired. */
  | { readonly kind: 'closed'; readonly order: OrderFacts }
  /** The provider itself says that it has no such order. */
  | { readonly kind: 'order_not_found' }
  /** An emulated look-up read every list to its end and did not find the order. This alone proves nothing. */
  | { readonly kind: 'nowhere' }
  | CallFailure;

/** What a look-up shows of the order besides its state. Held in memory only. */
export interface OrderFacts {
  /** The order's status in the provider's own word. */
  readonly status: string;
  /** Reasons not to cancel the order, for a dry run. */
  readonly warnings: readonly Warning[];
  /** The order's total, if shown. */
  readonly total: Money | null;
  /** Personal values in the order (names, addresses, phones, …), to be struck out of the provider's words. */
  readonly personalData: readonly string[];
  /** The order as a row of cancelled orders, if it is `cancelled` or `closed` and the provider shows enough. */
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
  /** Without personal members. Its texts may still name people (`operations/rules/struck-order.ts`). */
  readonly order: CancelledOrder;
  /** The time to sort by (RFC 3339 UTC with milliseconds) if the time of ordering is known only roughly. */
  readonly orderedAbout?: string | null;
  /** Kept apart from the order, so that showing it is always a deliberate decision. */
  readonly customer: Customer | null;
  /** Personal values that the order shows of people other than the customer: of the sender. */
  readonly others?: readonly string[];
  /**
   * Changes whenever anything that the provider shows of the order changes. Keyed, so that the order's values cannot be guessed
   * from it.
   */
  readonly version: string;
  /** Reasons not to restore the order, for a dry run. */
  readonly restoreWarnings: readonly Warning[];
}

/** A period of order dates, both ends inclusive, in epoch milliseconds. */
export interface WindowQuery {
  readonly type: CancelledOrderType;
  readonly from: number;
  readonly to: number;
}

/** What one reading of a provider's list returned. */
export type WindowReply =
  | {
      readonly kind: 'window';
      /** Every order of the type that was ordered between `from` and the query's `to`; unsorted, without duplicates. */
      readonly orders: readonly ListedOrder[];
      /** The query's `from`, or later if the period holds too many orders for one window. Orders before it are then still to be read. */
      readonly from: number;
      /** The number of requests made, to show progress. */
      readonly pages: number;
      /** Whether the list changed so little during the reading that no order can have been missed. */
      readonly stoodStill: boolean;
    }
  | CallFailure;

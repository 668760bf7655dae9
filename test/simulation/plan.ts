/** All that a run is made of, as plain data: drawn from a seed, or written by hand. What happens follows from it alone. */
export interface Plan {
  readonly seed: number;
  readonly connections: readonly ConnectionPlan[];
  readonly orders: readonly OrderPlan[];
  readonly callers: readonly CallerPlan[];
  readonly settlers: readonly SettlerPlan[];
  readonly rates: Rates;
  readonly episodes: readonly Episode[];
  /** Faults strike until then; afterwards everything works, and the settler runs on. */
  readonly faultsEndAtMs: number;
  /** Nobody hears the alarm of a rejected credential. */
  readonly isUnattended: boolean;
  /** The cache of `staleRead` does not show how old its replies are. */
  readonly cacheHidesAge?: boolean;
  /** One kill at the n-th touch of the outside world, counted over the whole run from 0. */
  readonly kill?: { readonly touch: number; readonly when: 'before' | 'after' };
  /** What does not happen: callers, faults, episodes, settler runs, by their ids. This is how a run is made smaller. */
  readonly without: ReadonlySet<string>;
}

export const PROVIDERS = ['estoka', 'ngorder'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export interface ConnectionPlan {
  readonly name: string;
  readonly provider: ProviderName;
  readonly quietPeriodSeconds: number;
  readonly timeoutSeconds: number;
  /** By how much the provider's clock is off. */
  readonly clockOffMs: number;
}

/** What the provider does with a sound ask. `decides_…`: takes it and decides later (Estoka). */
export type Disposition = 'cancels' | 'refuses' | 'decides_yes' | 'decides_no' | 'never_decides';

export interface OrderPlan {
  readonly connection: string;
  readonly orderId: string;
  readonly atFirst: 'active' | 'cancelled' | 'missing';
  readonly disposition: Disposition;
  /** From this ask on it cancels at once. */
  readonly relentsAtAsk: number;
  readonly decidesAfterMs: number;
  /** What it does when it is asked for what is so already. */
  readonly whenDone: 'acts_again' | 'refuses' | 'says_done';
  /** Two ways of refusing, and of showing that it decides: in the reply, or in the order's history (ngorder: HTTP 422 or 200). */
  readonly shows: 'in_reply' | 'in_history';
  /** Somebody else cancels it then. */
  readonly cancelledByHandAtMs: number | null;
  /** Somebody else asks to cancel it then, and Estoka says no; not while it decides over another ask. */
  readonly rejectedByHandAtMs: number | null;
  /** Estoka refused to cancel it once, long ago. */
  readonly hasPast: boolean;
  /** For so long a cancelled order is in none of ngorder's lists. */
  readonly movesForMs: number;
  /** What happens to its first asks, one by one; where nothing is said, chance decides. */
  readonly script?: readonly AskFate[];
}

/** How the provider answers a changing request that reached it. All but `truth` tell nothing of what it does. */
export type AskReply =
  | 'truth'
  | 'hang'
  | 'reset'
  | 'status_500'
  | 'status_503'
  | 'html_page'
  | 'empty'
  | 'truncated'
  | 'doubled'
  | 'other_order'
  | 'failure_body'
  | 'false_refusal'
  | 'false_not_found'
  | 'status_401'
  | 'status_429'
  | ForeignReply;

/** What something on the way to the provider answers in its place, or nobody knows who. */
export const FOREIGN_REPLIES = [
  'challenge_page',
  'page_401',
  'page_404',
  'empty_404',
  'empty_425',
  'empty_499',
  'gateway_json',
  'unknown_json',
] as const;
export type ForeignReply = (typeof FOREIGN_REPLIES)[number];

export interface AskFate {
  /** Cut before the provider has it, or no connection at all. */
  readonly road: 'arrives' | 'refused' | 'reset_before';
  readonly acts: boolean;
  /** From the request's arrival until the provider acts. */
  readonly actsAfterMs: number;
  readonly reply: AskReply;
  readonly replyAfterMs: number;
}

/** What can be asked for. ngorder can do all three, Estoka only cancel. */
export type Kind = 'cancel' | 'restore' | 'delete';

/**
 * The way in. `queue`: a command that is delivered again until it was worked on. `shop`: a webhook that writes the ask down, for the
 * settler to carry out. `hint`: Estoka's webhook, which asks for nothing, and may be untrue.
 */
export type WayIn = 'http' | 'queue' | 'shop' | 'hint';

export interface CallerPlan {
  readonly id: string;
  readonly order: OrderPlan;
  readonly kind: Kind;
  readonly wayIn: WayIn;
  readonly atMs: number;
  /** Whose idempotency keys it has. */
  readonly name: string;
  readonly key: string | null;
  readonly reason: 'customer' | 'fraud' | null;
  /** How often it asks again where it got no operation, and the pause between. Sometimes it asks again all the same. */
  readonly redeliveries: number;
  readonly pauseMs: number;
  readonly repeatsAnyway: boolean;
  /** What is left of its function's time when it begins. */
  readonly functionMs: number;
}

export interface SettlerPlan {
  readonly id: string;
  readonly atMs: number;
}

export interface Episode {
  readonly id: string;
  readonly connection: string;
  readonly kind: 'status_401' | 'status_429' | 'status_503' | ForeignReply | 'down' | 'rotation';
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether asks take effect all the same: a status line is not proof. */
  readonly acts: boolean;
}

/** Probabilities, for each touch of the outside world, or each ask. */
export interface Rates {
  readonly kill: number;
  readonly throttled: number;
  readonly replyLost: number;
  readonly writeLost: number;
  /** Given up by its sender, and carried out long after. */
  readonly writeDelayed: number;
  readonly conflict: number;
  readonly slowDatabase: number;
  readonly secret: number;
  readonly refusedConnection: number;
  readonly resetBefore: number;
  readonly frozen: number;
  readonly ask: number;
  readonly lateAct: number;
  readonly read: number;
  /** A cache answers a read with what it kept, and shows how old that is. */
  readonly staleRead: number;
  readonly staleIndex: number;
}

export const LEVELS = ['none', 'light', 'medium', 'heavy'] as const;
export type Level = (typeof LEVELS)[number];

export const NO_FAULTS: Rates = {
  kill: 0,
  throttled: 0,
  replyLost: 0,
  writeLost: 0,
  writeDelayed: 0,
  conflict: 0,
  slowDatabase: 0,
  secret: 0,
  refusedConnection: 0,
  resetBefore: 0,
  frozen: 0,
  ask: 0,
  lateAct: 0,
  read: 0,
  staleRead: 0,
  staleIndex: 0,
};

/** What the deployed functions are given (infra/functions.ts). */
export const FUNCTION_MS = 27_000;
export const SETTLER_MS = 120_000;

import type { Item } from './dynamodb-expressions.ts';

/** What happened in a run, in the order in which it truly happened. `at` is true time, in milliseconds. */
export type Fact = { readonly at: number } & (
  | {
      readonly event: 'asked';
      readonly caller: string;
      readonly order: string;
      readonly key: string | null;
      readonly body: string;
    }
  /** The caller was shown an operation: with a 2xx, or a refusal. */
  | { readonly event: 'answered'; readonly caller: string; readonly operation: Shown; readonly replayed: boolean }
  /** A hint of which nothing came: the order is not cancelled, and nobody asked for it. */
  | { readonly event: 'nothing_noted'; readonly caller: string }
  /** The caller was answered with an error: nothing was promised. */
  | { readonly event: 'turned_away'; readonly caller: string; readonly error: string }
  /** The caller's function died; the caller saw a 5xx or nothing. */
  | { readonly event: 'no_answer'; readonly caller: string }
  /** `isCalling`: while it waited for a provider. */
  | {
      readonly event: 'died';
      readonly process: string;
      readonly why: 'killed' | 'timed out';
      readonly isCalling: boolean;
    }
  /** An item of the ledger was written, and it stays. */
  | { readonly event: 'written'; readonly item: Item }
  /** The first byte of a changing request left. `state` and `operation` are what the ledger holds of the order then. */
  | {
      readonly event: 'sent';
      readonly process: string;
      readonly order: string;
      readonly operation: string | null;
      readonly state: string | null;
      readonly kind: string;
    }
  | { readonly event: 'received'; readonly order: string; readonly operation: string | null; readonly ask: string }
  | {
      readonly event: 'effect';
      readonly order: string;
      readonly operation: string | null;
      readonly ask: string;
      readonly kind: string;
    }
  /** The provider decided against an ask, or said so. */
  | {
      readonly event: 'refusal';
      readonly order: string;
      readonly operation: string | null;
      readonly ask: string;
      readonly why: string;
    }
  /** Somebody else changed the order at the provider. */
  | { readonly event: 'by_hand'; readonly order: string; readonly kind: string }
  | { readonly event: 'logged'; readonly process: string; readonly code: string; readonly operation: string | null }
  /** Bad luck that struck. */
  | { readonly event: 'fault'; readonly id: string; readonly what: string }
);

/** What a caller is shown of an operation. */
export interface Shown {
  readonly id: string;
  readonly outcome: string;
  readonly detail: string;
  readonly final: boolean;
  readonly attempts: number;
  readonly timeline: readonly { readonly at: string; readonly event: string; readonly detail?: string | undefined }[];
}

export interface History {
  readonly facts: readonly Fact[];
  /** Every item of the ledger at the end. */
  readonly ledger: readonly Item[];
  /** The orders that the providers hold, and those that they never had. */
  readonly orders: readonly OrderAtEnd[];
  /** By how much the clocks of two containers differ at the most. */
  readonly clockSkewMs: number;
}

export interface OrderAtEnd {
  readonly order: string;
  readonly standing: 'active' | 'cancelled' | 'missing';
  readonly atFirst: 'active' | 'cancelled' | 'missing';
}

/** What a run came to, in numbers. */
export interface Tally {
  asks: number;
  faults: number;
  deaths: number;
  calls: number;
  effects: number;
  operations: number;
  confirmed: number;
  refused: number;
  parked: number;
  /** Cancels that were made elsewhere, and are noted. */
  seen: number;
}

export function tallyOf({ facts, ledger }: History): Tally {
  const tally = {
    asks: 0,
    faults: 0,
    deaths: 0,
    calls: 0,
    effects: 0,
    operations: ledger.length,
    confirmed: 0,
    refused: 0,
    parked: 0,
    seen: 0,
  };
  for (const { event } of facts) {
    if (event === 'asked') tally.asks += 1;
    else if (event === 'fault') tally.faults += 1;
    else if (event === 'died') tally.deaths += 1;
    else if (event === 'sent') tally.calls += 1;
    else if (event === 'effect') tally.effects += 1;
  }
  for (const { state, timeline } of ledger) {
    if (timeline?.L?.[0]?.M?.['event']?.S === 'seen') tally.seen += 1;
    if (state?.S === 'confirmed') tally.confirmed += 1;
    else if (state?.S === 'refused') tally.refused += 1;
    else if (state?.S === 'needs_attention') tally.parked += 1;
  }
  return tally;
}

/** The history as a person reads it: one line for each fact, seconds since the start first. */
export function readable(facts: readonly Fact[]): string[] {
  const start = facts[0]?.at ?? 0;
  return facts.map((fact) => `${((fact.at - start) / 1000).toFixed(3).padStart(10)}  ${sentence(fact)}`);
}

function sentence(fact: Fact): string {
  switch (fact.event) {
    case 'asked':
      return `${fact.caller} asks for ${fact.order}${fact.key === null ? '' : ` with key ${fact.key}`} (${fact.body})`;
    case 'answered': {
      const { id, outcome, detail, attempts } = fact.operation;
      return `${fact.caller} is answered: ${id} ${outcome}, ${detail}, attempts ${attempts}${fact.replayed ? ', replayed' : ''}`;
    }
    case 'nothing_noted':
      return `${fact.caller} has told nothing new`;
    case 'turned_away':
      return `${fact.caller} is turned away: ${fact.error}`;
    case 'no_answer':
      return `${fact.caller} gets no answer`;
    case 'died':
      return `${fact.process} dies: ${fact.why}${fact.isCalling ? ', waiting for the provider' : ''}`;
    case 'written':
      return `  ledger: ${described(fact.item)}`;
    case 'sent':
      return `${fact.process} sends ${fact.kind} of ${fact.order} (ledger: ${fact.operation ?? 'nothing'} ${fact.state ?? ''})`;
    case 'received':
      return `    provider receives ask ${fact.ask} of ${fact.operation ?? 'nothing'}`;
    case 'effect':
      return `    EFFECT: ${fact.kind} of ${fact.order} by ask ${fact.ask} of ${fact.operation ?? 'nothing'}`;
    case 'refusal':
      return `    provider refuses ask ${fact.ask} of ${fact.operation ?? 'nothing'}: ${fact.why}`;
    case 'by_hand':
      return `    somebody else: ${fact.kind} of ${fact.order}`;
    case 'logged':
      return `  log of ${fact.process}: ${fact.code} ${fact.operation ?? ''}`;
    case 'fault':
      return `  fault ${fact.id}: ${fact.what}`;
  }
}

function described(item: Item): string {
  const value = (name: string): string => item[name]?.S ?? item[name]?.N ?? '-';
  return (
    `${value('order')}:${value('number')} [${value('slot')}] ${value('state')}, ${value('detail')}, version ${value('version')} ` +
    `of ${value('owner')}, reach ${value('reach')}, due ${value('dueAt')}, lease ${value('leaseUntil')}`
  );
}

import type { Item } from './dynamodb-expressions.ts';
import type { Fact, History } from './history.ts';

/** What the facts say of each operation, for the checker (`check-history.ts`). */

export interface Violation {
  readonly rule: Rule;
  readonly text: string;
}

export type Rule =
  | 'one_effect'
  | 'calling_before_socket'
  | 'no_ask_lost'
  | 'no_operation_open'
  | 'alarm_raised'
  | 'confirmed_is_true'
  | 'refused_is_true'
  | 'timeline_is_true'
  | 'answer_is_true'
  | 'end_is_final'
  | 'one_key_one_ask'
  | 'next_only_after_refusal'
  | 'own_write_known'
  | 'budget_kept';

export type Of<E extends Fact['event']> = Extract<Fact, { event: E }>;

/** What the facts say of one operation. */
export interface Traces {
  readonly id: string;
  readonly order: string;
  readonly number: number;
  readonly versions: Of<'written'>[];
  readonly sent: Of<'sent'>[];
  readonly effects: Of<'effect'>[];
  readonly refusals: Of<'refusal'>[];
  readonly answers: Of<'answered'>[];
  isAlarmed: boolean;
}

export interface Told {
  readonly at: string;
  readonly event: string;
  readonly detail: string | null;
}

export const ENDS = ['confirmed', 'refused'];

export type Violated = (rule: Rule, text: string) => void;

export function tracesOf({ facts }: History, violated: Violated): Map<string, Traces> {
  const operations = new Map<string, Traces>();
  const tracesFor = (id: string): Traces => {
    const known = operations.get(id);
    if (known !== undefined) return known;
    const order = id.slice(0, id.lastIndexOf(':'));
    const number = Number(id.slice(id.lastIndexOf(':') + 1));
    const traces = {
      id,
      order,
      number,
      versions: [],
      sent: [],
      effects: [],
      refusals: [],
      answers: [],
      isAlarmed: false,
    };
    operations.set(id, traces);
    return traces;
  };
  for (const fact of facts) {
    switch (fact.event) {
      case 'written':
        // The copy of an earlier operation is a write of the next one's claim.
        if (text(fact.item, 'slot') === 'current') tracesFor(idOf(fact.item)).versions.push(fact);
        break;
      case 'sent':
        if (fact.operation === null || fact.state !== 'calling') {
          violated(
            'calling_before_socket',
            `${fact.process} asks for ${fact.order} while the ledger says ${fact.state ?? 'nothing'}`,
          );
        }
        if (fact.operation !== null) tracesFor(fact.operation).sent.push(fact);
        break;
      case 'effect':
        if (fact.operation !== null) tracesFor(fact.operation).effects.push(fact);
        break;
      case 'refusal':
        if (fact.operation !== null) tracesFor(fact.operation).refusals.push(fact);
        break;
      case 'answered':
        tracesFor(fact.operation.id).answers.push(fact);
        break;
      case 'logged':
        if (fact.code === 'OPERATION_NEEDS_ATTENTION' && fact.operation !== null)
          tracesFor(fact.operation).isAlarmed = true;
        break;
      case 'asked':
      case 'nothing_noted':
      case 'turned_away':
      case 'no_answer':
      case 'died':
      case 'received':
      case 'by_hand':
      case 'fault':
        break;
    }
  }
  return operations;
}

export function isBefore(facts: readonly Fact[], earlier: Fact, later: Fact): boolean {
  return earlier.at < later.at || (earlier.at === later.at && facts.indexOf(earlier) < facts.indexOf(later));
}

export function timelineOf(item: Item): Told[] {
  return (item['timeline']?.L ?? []).map(({ M: entry = {} }) => ({
    at: entry['at']?.S ?? '',
    event: entry['event']?.S ?? '',
    detail: entry['detail']?.S ?? null,
  }));
}

function idOf(item: Item): string {
  return `${text(item, 'order')}:${text(item, 'number')}`;
}

export function text(item: Item, name: string): string {
  return item[name]?.S ?? item[name]?.N ?? '';
}

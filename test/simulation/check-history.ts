import type { Item } from './dynamodb-expressions.ts';
import type { Fact, History, Shown } from './history.ts';
import {
  ENDS,
  isBefore,
  text,
  timelineOf,
  tracesOf,
  type Of,
  type Rule,
  type Told,
  type Traces,
  type Violated,
  type Violation,
} from './traces.ts';

/**
 * Holds what happened against what is promised (README, "What is promised"). Written apart from the code that it checks: it knows
 * the provider's journal, what callers were shown, and the attributes of the ledger's items, and imports none of `functions/`.
 */
export function violationsOf(history: History): Violation[] {
  const violations: Violation[] = [];
  const violated = (rule: Rule, text: string): void => {
    violations.push({ rule, text });
  };
  const operations = tracesOf(history, violated);
  const atFirst = new Map(history.orders.map((order) => [order.order, order.atFirst]));

  for (const operation of operations.values()) {
    const last = operation.versions.at(-1)?.item;
    if (last === undefined) {
      violated('no_ask_lost', `${operation.id} is spoken of, and the ledger never had it`);
      continue;
    }
    checkEffects(operation, violated);
    checkEnd(operation, last, violated);
    checkTruth(operation, history, atFirst.get(operation.order), violated);
    checkTimeline(operation, history, violated);
    checkAnswers(operation, history, violated);
    checkNext(operation, operations, violated);
  }
  checkOrders(history, violated);
  checkKeys(history, violated);
  checkWorkers(history, violated);
  return violations;
}

function checkEffects({ id, effects }: Traces, violated: Violated): void {
  if (effects.length > 1) {
    violated('one_effect', `${id} took effect ${effects.length} times: ${effects.map(({ ask }) => ask).join(', ')}`);
  }
}

/** Every operation ends, or is parked and somebody is told. Every 2xx is of an operation, so none of them is lost. */
function checkEnd({ id, isAlarmed }: Traces, last: Item, violated: Violated): void {
  const state = text(last, 'state');
  if (state === 'needs_attention') {
    if (!isAlarmed) violated('alarm_raised', `${id} is parked, and no alarm was raised`);
  } else if (!ENDS.includes(state)) {
    violated('no_operation_open', `${id} is still ${state} (${text(last, 'detail')})`);
  }
}

/** `confirmed` and `refused` hold from the moment at which they are written. */
function checkTruth(
  { id, order, versions, effects, refusals }: Traces,
  { facts }: History,
  atFirst: string | undefined,
  violated: Violated,
): void {
  for (const version of versions) {
    const state = text(version.item, 'state');
    const detail = text(version.item, 'detail');
    const kind = text(version.item, 'kind');
    const stood = (standing: string): boolean =>
      stoodAs(standing, order, atFirst, facts, versions[0] ?? version, version);
    if (state === 'confirmed' && !stood(WANTED[kind] ?? '')) {
      violated('confirmed_is_true', `${id} is called confirmed, and the order never was ${WANTED[kind] ?? kind}`);
    }
    if (state !== 'refused') continue;
    const wasRefused =
      refusals.some((refusal) => isBefore(facts, refusal, version)) ||
      facts.some((fact) => fact.event === 'by_hand' && fact.kind === 'refusal' && fact.order === order) ||
      (detail === 'order_not_found' && stood('missing')) ||
      (kind === 'delete' && detail === 'order_active' && stood('active'));
    if (!wasRefused) violated('refused_is_true', `${id} is called refused (${detail}), and the provider never said so`);
    const [effect] = effects;
    if (effect !== undefined) violated('refused_is_true', `${id} is called refused, and ask ${effect.ask} took effect`);
    if (detail === 'order_not_found' && !stood('missing')) {
      violated('refused_is_true', `${id} is called not found, and the provider has the order`);
    }
  }
}

/** How an order stands at the provider when what was wanted is done. */
const WANTED: Readonly<Record<string, string>> = { cancel: 'cancelled', restore: 'active', delete: 'missing' };

/** Whether the order stood so at the provider at some time between the two. */
function stoodAs(
  standing: string,
  order: string,
  atFirst: string | undefined,
  facts: readonly Fact[],
  from: Fact,
  to: Fact,
): boolean {
  let now = atFirst ?? 'missing';
  for (const fact of facts) {
    if (!isChange(fact) || fact.order !== order) continue;
    // How it stood when the time began counts too.
    if (now === standing && isBefore(facts, from, fact)) return true;
    if (!isBefore(facts, fact, to)) return now === standing;
    now = WANTED[fact.kind] ?? now;
  }
  return now === standing;
}

/** Each version's timeline continues the one before; its times are true within what clocks may differ by. */
function checkTimeline({ id, versions, sent }: Traces, { clockSkewMs }: History, violated: Violated): void {
  let before: Told[] = [];
  // An ask that is made with the claim itself is told by `requested` alone.
  const atOnce = text(versions[0]?.item ?? {}, 'state') === 'calling' ? 1 : 0;
  for (const { item, at } of versions) {
    const told = timelineOf(item);
    const state = text(item, 'state');
    if (before.some((entry, index) => !isSame(entry, told[index]))) {
      violated('timeline_is_true', `${id} version ${text(item, 'version')}: the timeline was rewritten`);
    }
    for (const entry of told.slice(before.length)) {
      // A write may be under way for as long as its repetitions take.
      const offMs = Date.parse(entry.at) - at;
      if (offMs > clockSkewMs || offMs < -clockSkewMs - LONGEST_WRITE_MS) {
        violated(
          'timeline_is_true',
          `${id}: ${entry.event} is said to be at ${entry.at}, and was written at ${new Date(at).toISOString()}`,
        );
      }
    }
    // What was cancelled elsewhere was seen, and never asked for.
    const begins = text(item, 'attempts') === '0' && state === 'confirmed' ? ['requested', 'seen'] : ['requested'];
    if (!begins.includes(told[0]?.event ?? ''))
      violated('timeline_is_true', `${id}: the timeline does not begin with the request`);
    const shown = told.at(-1);
    const expected = state === 'calling' && told.length > 1 ? ASKED : [isBeforeAnyEvent(item) ? 'requested' : state];
    if (!expected.includes(shown?.event ?? '')) {
      violated('timeline_is_true', `${id} is ${state}, and its timeline ends with ${shown?.event ?? 'nothing'}`);
    }
    if (ENDS.includes(state) && shown?.detail !== text(item, 'detail')) {
      violated('timeline_is_true', `${id}: the timeline ends with another detail than the operation's`);
    }
    const asks = atOnce + told.filter(({ event }) => ASKED.includes(event)).length;
    if (Number(text(item, 'attempts')) !== asks) {
      violated('timeline_is_true', `${id} says ${text(item, 'attempts')} attempts, and its timeline ${asks}`);
    }
    before = told;
  }
  const attempts = Number(text(versions.at(-1)?.item ?? {}, 'attempts'));
  if (sent.length > attempts)
    violated('timeline_is_true', `${id} was asked ${sent.length} times, and says ${attempts}`);
}

const ASKED = ['asked', 'asked_again'];
/** Where the timeline tells no more than the request: it is being asked for the first time, or waits to be. */
function isBeforeAnyEvent(item: Item): boolean {
  return text(item, 'state') === 'calling' || (text(item, 'state') === 'pending' && text(item, 'detail') === 'queued');
}

/** What a caller was shown stood in the ledger by then, and an end that was shown stays. */
function checkAnswers({ id, versions, answers }: Traces, { facts }: History, violated: Violated): void {
  const end = versions.at(-1)?.item ?? {};
  for (const answer of answers) {
    const { operation } = answer;
    const stood = versions.some((version) => isBefore(facts, version, answer) && isShownAs(version.item, operation));
    if (!stood)
      violated(
        'answer_is_true',
        `${answer.caller} is shown ${id} ${operation.outcome} (${operation.detail}), which never stood in the ledger`,
      );
    if (operation.final && text(end, 'state') !== operation.outcome) {
      violated(
        'end_is_final',
        `${answer.caller} was shown ${operation.outcome}, and ${id} ended as ${text(end, 'state')}`,
      );
    }
  }
  const firstEnd = versions.findIndex(({ item }) => ENDS.includes(text(item, 'state')));
  if (firstEnd >= 0 && firstEnd < versions.length - 1)
    violated('end_is_final', `${id} was written again after its end`);
}

/** An order has one operation at a time, and a further one only after a refusal, or for something else. */
function checkNext(
  { id, order, number, versions }: Traces,
  operations: ReadonlyMap<string, Traces>,
  violated: Violated,
): void {
  if (number === 1) return;
  const previous = operations.get(`${order}:${number - 1}`)?.versions.at(-1)?.item ?? {};
  const isOver = ENDS.includes(text(previous, 'state'));
  const isOther = text(previous, 'kind') !== text(versions[0]?.item ?? {}, 'kind');
  if (!isOver || (text(previous, 'state') === 'confirmed' && !isOther)) {
    violated('next_only_after_refusal', `${id} was opened on top of ${text(previous, 'state') || 'nothing'}`);
  }
}

/** No order is changed twice in the same way, through whichever operations, unless another way lies between. */
function checkOrders({ facts, orders, ledger }: History, violated: Violated): void {
  for (const { order, standing } of orders) {
    let last: string | null = null;
    for (const fact of facts) {
      if (fact.event !== 'effect' || fact.order !== order) continue;
      if (fact.kind === last) violated('one_effect', `${order}: two effects of kind ${fact.kind} in a row`);
      last = fact.kind;
    }
    const current = ledger.find((item) => text(item, 'order') === order && text(item, 'slot') === 'current');
    const wanted = WANTED[text(current ?? {}, 'kind')];
    const isLeftAlone = !facts.some((fact) => fact.event === 'by_hand' && fact.order === order);
    if (current !== undefined && text(current, 'state') === 'confirmed' && isLeftAlone && standing !== wanted) {
      violated(
        'confirmed_is_true',
        `${order} is ${standing} at the end, and ${text(current, 'kind')} is called confirmed`,
      );
    }
    const numbers = ledger.filter((item) => text(item, 'order') === order).map((item) => Number(text(item, 'number')));
    if (numbers.sort((a, b) => a - b).some((number, index) => number !== index + 1)) {
      violated('no_ask_lost', `${order}: the ledger holds the operations ${numbers.join(', ')}`);
    }
  }
}

/** A key stands for one ask and one operation; only another ask is told that it was used before. */
function checkKeys({ facts }: History, violated: Violated): void {
  const asked = new Map<string, Of<'asked'>>();
  const bodies = new Map<string, Set<string>>();
  const shown = new Map<string, { operation: string; ask: string; caller: string }>();
  for (const fact of facts) {
    if (fact.event === 'asked') {
      asked.set(fact.caller, fact);
      if (fact.key !== null)
        bodies.set(fact.key, (bodies.get(fact.key) ?? new Set()).add(`${fact.order} ${fact.body}`));
    }
    if (fact.event !== 'answered' && fact.event !== 'turned_away') continue;
    const own = asked.get(fact.caller);
    if (own === undefined || own.key === null) continue;
    const ask = `${own.order} ${own.body}`;
    if (fact.event === 'turned_away') {
      if (fact.error.startsWith('IdempotencyKeyReused') && (bodies.get(own.key)?.size ?? 0) < 2) {
        violated('one_key_one_ask', `${fact.caller} is told that its key came with another ask, and it did not`);
      }
      continue;
    }
    const first = shown.get(own.key);
    if (first === undefined) shown.set(own.key, { operation: fact.operation.id, ask, caller: fact.caller });
    else if (first.ask !== ask) {
      violated(
        'one_key_one_ask',
        `${fact.caller} and ${first.caller} share a key, ask for different things, and are both answered`,
      );
    } else if (first.operation !== fact.operation.id) {
      violated(
        'one_key_one_ask',
        `one key stands for ${first.operation} (${first.caller}) and ${fact.operation.id} (${fact.caller})`,
      );
    }
  }
}

/** Nobody stands in its own way, and no function is cut off while it waits for a provider: its time was reckoned before. */
function checkWorkers({ facts }: History, violated: Violated): void {
  const owners = new Map<string, string>();
  const asked = new Map<string, string>();
  for (const fact of facts) {
    if (fact.event === 'asked') asked.set(fact.caller, fact.order);
    if (fact.event === 'written') owners.set(text(fact.item, 'order'), text(fact.item, 'owner'));
    if (fact.event === 'turned_away' && fact.error.startsWith('OperationInProgress')) {
      const owner = owners.get(asked.get(fact.caller) ?? '');
      if (owner?.startsWith(`${fact.caller}.`))
        violated('own_write_known', `${fact.caller} takes its own write for another's`);
    }
    if (fact.event === 'died' && fact.why === 'timed out' && fact.isCalling) {
      violated('budget_kept', `${fact.process} ran out of time while it waited for the provider`);
    }
  }
}

function isChange(fact: Fact): fact is Of<'effect'> | Of<'by_hand'> {
  return fact.event === 'effect' || (fact.event === 'by_hand' && fact.kind === 'cancel');
}

/** Attempts, waits between them, and a request that is carried out long after it was given up. */
const LONGEST_WRITE_MS = 240_000;

function isShownAs(item: Item, shown: Shown): boolean {
  const state = text(item, 'state');
  return (state === 'calling' ? 'unknown' : state) === shown.outcome && text(item, 'detail') === shown.detail;
}

function isSame(a: Told, b: Told | undefined): boolean {
  return a.at === b?.at && a.event === b.event && a.detail === b.detail;
}

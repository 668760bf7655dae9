import { beforeAll, describe, expect, it } from '@jest/globals';
import { violationsOf } from './check-history.ts';
import type { Item } from './dynamodb-expressions.ts';
import type { Fact, History } from './history.ts';
import { callerOf, connectionOf, orderOf, planWith } from './scenarios.ts';
import { runPlan } from './simulate.ts';
import { timelineOf, type Rule } from './traces.ts';

/** Histories in which all went right, and what the checker says when one thing in it is changed. */
let confirmed: History;
let refused: History;
let queued: History;
let seen: History;
beforeAll(async () => {
  const connection = connectionOf('estoka');
  const order = orderOf(connection, {
    script: [{ road: 'arrives', acts: true, actsAfterMs: 90_000, reply: 'hang', replyAfterMs: 0 }],
  });
  const callers = [callerOf(order, { repeatsAnyway: true, redeliveries: 1, pauseMs: 30_000 })];
  // Late, and within its quiet period of two minutes.
  const patient = { ...connection, quietPeriodSeconds: 120 };
  confirmed = (await runPlan(planWith(patient, order, { callers }))).history;
  const refusing = orderOf(connection, { disposition: 'refuses' });
  const again = [callerOf(refusing), callerOf(refusing, { id: 'caller-2', key: null, atMs: 5_000 })];
  refused = (await runPlan(planWith(connection, refusing, { callers: again }))).history;
  const plain = orderOf(connection);
  queued = (await runPlan(planWith(connection, plain, { callers: [callerOf(plain, { wayIn: 'shop' })] }))).history;
  const byHand = orderOf(connection, { cancelledByHandAtMs: 0 });
  const hint = [callerOf(byHand, { wayIn: 'hint', key: null, atMs: 1_000 })];
  seen = (await runPlan(planWith(connection, byHand, { callers: hint }))).history;
});

function rulesOf(history: History): Rule[] {
  return [...new Set(violationsOf(history).map(({ rule }) => rule))].sort();
}

function changed(history: History, change: (fact: Fact) => Fact | readonly Fact[] | null): History {
  const facts = history.facts.flatMap((fact) => change(fact) ?? []);
  const written = facts.flatMap((fact) => (fact.event === 'written' ? [fact.item] : []));
  const ledger = history.ledger.map((item) => written.findLast((other) => isSameKey(item, other)) ?? item);
  return { ...history, facts, ledger };
}

function isSameKey(a: Item, b: Item): boolean {
  return a['order']?.S === b['order']?.S && a['slot']?.S === b['slot']?.S;
}

const without = (history: History, event: Fact['event']) =>
  changed(history, (fact) => (fact.event === event ? null : fact));
const withItem = (history: History, state: string, change: Item) =>
  changed(history, (fact) =>
    fact.event === 'written' && fact.item['state']?.S === state ? { ...fact, item: { ...fact.item, ...change } } : fact,
  );

describe('the checker of histories', () => {
  it('has nothing to say of a right one', () => {
    expect(violationsOf(confirmed)).toEqual([]);
    expect(violationsOf(refused)).toEqual([]);
    expect(confirmed.facts.filter(({ event }) => event === 'answered')).toHaveLength(2);
    expect(refused.ledger).toHaveLength(2);
    for (const [history, events] of [
      [queued, ['requested', 'asked', 'confirmed']],
      [seen, ['seen', 'confirmed']],
    ] as const) {
      expect(violationsOf(history)).toEqual([]);
      expect(history.ledger.map(timelineOf).map((told) => told.map(({ event }) => event))).toEqual([events]);
    }
  });

  it.each<[string, () => History, Rule[]]>([
    [
      'a second effect',
      () => changed(confirmed, (fact) => (fact.event === 'effect' ? [fact, fact] : fact)),
      ['one_effect'],
    ],
    ['a confirmation without an effect', () => without(confirmed, 'effect'), ['confirmed_is_true']],
    [
      'a confirmation before the effect',
      () => changed(confirmed, (fact) => (fact.event === 'effect' ? { ...fact, at: fact.at + 86_400_000 } : fact)),
      ['confirmed_is_true'],
    ],
    ['a refusal that the provider never gave', () => without(refused, 'refusal'), ['refused_is_true']],
    [
      'a refusal of a cancel since the order is active, which it is no reason for',
      () => withItem(without(refused, 'refusal'), 'refused', { detail: { S: 'order_active' } }),
      ['answer_is_true', 'refused_is_true', 'timeline_is_true'],
    ],
    [
      'a refusal of what took effect',
      () =>
        changed(refused, (fact) =>
          fact.event === 'refusal' ? [fact, { ...fact, event: 'effect', kind: 'cancel' }] : fact,
        ),
      // Two operations, one after the other, and an effect of each.
      ['one_effect', 'refused_is_true'],
    ],
    [
      'an ask that was sent before it was written',
      () => changed(confirmed, (fact) => (fact.event === 'sent' ? { ...fact, state: 'unknown' } : fact)),
      ['calling_before_socket'],
    ],
    ['an operation that the ledger lost', () => without(confirmed, 'written'), ['no_ask_lost']],
    [
      'an operation that nobody ends',
      () =>
        changed(confirmed, (fact) => (fact.event === 'written' && fact.item['state']?.S === 'confirmed' ? null : fact)),
      ['no_operation_open'],
    ],
    [
      'a parked operation without an alarm',
      () => withItem(confirmed, 'confirmed', { state: { S: 'needs_attention' } }),
      ['alarm_raised', 'timeline_is_true'],
    ],
    [
      'an end that was shown and did not stay',
      () =>
        changed(refused, (fact) =>
          fact.event === 'answered'
            ? { ...fact, operation: { ...fact.operation, outcome: 'confirmed', final: true } }
            : fact,
        ),
      ['answer_is_true', 'end_is_final'],
    ],
    [
      'a write on top of an end',
      () =>
        changed(refused, (fact) =>
          fact.event === 'written' && fact.item['state']?.S === 'refused' && fact.item['slot']?.S === 'current'
            ? [fact, fact]
            : fact,
        ),
      ['end_is_final'],
    ],
    [
      'a timeline that was rewritten',
      () => withItem(confirmed, 'unknown', { timeline: { L: [] } }),
      ['timeline_is_true'],
    ],
    [
      'attempts that the timeline does not tell',
      () => withItem(confirmed, 'confirmed', { attempts: { N: '7' } }),
      ['timeline_is_true'],
    ],
    [
      'an ask of what waited that the timeline does not tell',
      () => withItem(queued, 'confirmed', { attempts: { N: '2' } }),
      ['timeline_is_true'],
    ],
    [
      'a cancel that was seen, and is said to have been asked for',
      () => withItem(seen, 'confirmed', { attempts: { N: '1' } }),
      ['timeline_is_true'],
    ],
    ['a cancel that was seen where there was none', () => without(seen, 'by_hand'), ['confirmed_is_true']],
    [
      'a further operation on top of one that was not refused',
      () =>
        changed(refused, (fact) =>
          fact.event === 'written' && fact.item['number']?.N === '1' && fact.item['state']?.S === 'refused'
            ? null
            : fact,
        ),
      ['answer_is_true', 'end_is_final', 'next_only_after_refusal', 'no_operation_open'],
    ],
    [
      'a key that stands for two asks',
      () => {
        let seen = 0;
        return changed(confirmed, (fact) => (fact.event === 'asked' ? { ...fact, body: `${(seen += 1)}` } : fact));
      },
      ['one_key_one_ask'],
    ],
    [
      'a caller that stood in its own way',
      () =>
        changed(confirmed, (fact) =>
          fact.event === 'answered' && !fact.replayed
            ? { at: fact.at, event: 'turned_away', caller: fact.caller, error: 'OperationInProgress: …' }
            : fact,
        ),
      ['own_write_known'],
    ],
    [
      'a function that was cut off while it waited for the provider',
      () => ({
        ...confirmed,
        facts: [
          ...confirmed.facts,
          { at: confirmed.facts[0]?.at ?? 0, event: 'died', process: 'x', why: 'timed out', isCalling: true },
        ],
      }),
      ['budget_kept'],
    ],
  ])('notices %s', (_, history, rules) => {
    expect(rulesOf(history())).toEqual(rules);
  });
});

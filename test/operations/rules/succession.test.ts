import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { OPERATION_KINDS, type Operation, type OperationKind } from '../../../functions/operations/rules/operation.ts';
import { confirmedLast, succession } from '../../../functions/operations/rules/succession.ts';
import { CONFIRMED, PENDING } from '../world.ts';

const AT = '2026-03-01T12:00:00.000Z';
const EVIDENCE = { source: 'reply', status: 'x', at: AT } as const;

function operation(
  number: number,
  kind: OperationKind,
  state: 'open' | 'confirmed' | 'refused',
  lastConfirmed: Operation['lastConfirmed'] = null,
): Operation {
  const which = { number, kind, lastConfirmed };
  if (state === 'open') return { ...PENDING, ...which };
  return { ...CONFIRMED, ...which, state, detail: 'timed_out', evidence: EVIDENCE };
}

const last = (kind: OperationKind) => ({ kind, number: 1, doneAt: AT });

describe('what follows what', () => {
  /** By current operation: what a cancel, a restore and a delete are answered with. */
  const TABLE: [string, Operation, [string, string, string]][] = [
    ['an open cancel', operation(2, 'cancel', 'open'), ['replay 2', 'in_the_way', 'in_the_way']],
    ['an open restore', operation(2, 'restore', 'open', last('cancel')), ['in_the_way', 'replay 2', 'in_the_way']],
    ['an open delete', operation(2, 'delete', 'open', last('cancel')), ['in_the_way', 'in_the_way', 'replay 2']],
    ['a confirmed cancel', operation(2, 'cancel', 'confirmed'), ['replay 2', 'next', 'next']],
    ['a confirmed restore', operation(2, 'restore', 'confirmed', last('cancel')), ['next', 'replay 2', 'next']],
    ['a confirmed delete', operation(2, 'delete', 'confirmed', last('cancel')), ['deleted 2', 'deleted 2', 'replay 2']],
    ['a refused cancel', operation(2, 'cancel', 'refused'), ['next', 'next', 'next']],
    [
      'a refused cancel after a restore',
      operation(2, 'cancel', 'refused', last('restore')),
      ['next', 'replay 1', 'next'],
    ],
    [
      'a refused restore after a cancel',
      operation(2, 'restore', 'refused', last('cancel')),
      ['replay 1', 'next', 'next'],
    ],
    [
      'a refused delete after a cancel',
      operation(2, 'delete', 'refused', last('cancel')),
      ['replay 1', 'next', 'next'],
    ],
    ['a refused delete of what was cancelled elsewhere', operation(2, 'delete', 'refused'), ['next', 'next', 'next']],
  ];
  it.each(TABLE)('after %s', (_, current, expected) => {
    const answers = OPERATION_KINDS.map((asked) => {
      const follows = succession(asked, current);
      return 'number' in follows ? `${follows.kind} ${follows.number}` : follows.kind;
    });
    expect(answers).toEqual(expected);
  });

  it('never lets an effect be had twice, whatever is asked in whatever order', () => {
    const step = fc.record({
      asked: fc.constantFrom(...OPERATION_KINDS),
      ends: fc.constantFrom('confirmed', 'refused', 'stays open'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let current: Operation | null = null;
        const confirmed: OperationKind[] = [];
        for (const { asked, ends } of steps) {
          const before: Operation | null = current;
          const follows = before === null ? { kind: 'next' as const } : succession(asked, before);
          // The settler ends what is open; then the next ask finds it ended.
          if (before !== null && follows.kind !== 'next' && before.state === 'pending' && ends !== 'stays open') {
            current = operation(before.number, before.kind, ends, before.lastConfirmed);
            if (ends === 'confirmed') confirmed.push(before.kind);
            continue;
          }
          if (follows.kind !== 'next') continue;
          const number: number = (before?.number ?? 0) + 1;
          const standing = before === null ? null : confirmedLast(before);
          current = operation(number, asked, ends === 'stays open' ? 'open' : ends, standing);
          if (ends === 'confirmed') confirmed.push(asked);
        }
        for (const [index, kind] of confirmed.entries()) {
          expect(kind).not.toBe(confirmed[index - 1]);
          expect(confirmed[index - 1]).not.toBe('delete');
        }
      }),
    );
  });
});

it('since when it is so is known of what was done, and not of what was so already', () => {
  const settled = { kind: 'cancel', number: 1, state: 'confirmed', settledAt: AT, lastConfirmed: null } as const;
  expect(confirmedLast({ ...settled, detail: 'cancelled' })).toEqual({ kind: 'cancel', number: 1, doneAt: AT });
  expect(confirmedLast({ ...settled, detail: 'already_cancelled' })).toEqual({
    kind: 'cancel',
    number: 1,
    doneAt: null,
  });
});

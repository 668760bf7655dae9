import { describe, expect, it } from '@jest/globals';
import { calling, moved, taken, type Move, type Writer } from '../../../functions/operations/rules/moves.ts';
import {
  mayMove,
  operationSchema,
  type OpenOperation,
  type Operation,
} from '../../../functions/operations/rules/operation.ts';

const AT = '2026-03-01T12:00:00.000Z';
const LATER = '2026-03-01T12:01:00.000Z';
const DUE = '2026-03-01T12:05:00.000Z';
const writer: Writer = { owner: 'a settler', now: Date.parse(LATER) };
const evidence = { source: 'read_back', status: 'cancelled', at: LATER } as const;

const unknown: OpenOperation = {
  state: 'unknown',
  connection: 'loja-rio',
  provider: 'estoka',
  account: 'estoka estoka.example/1',
  orderId: '340',
  number: 1,
  kind: 'cancel',
  reason: null,
  note: null,
  actor: null,
  trigger: 'http',
  requestedAt: AT,
  attempts: 1,
  detail: 'timed_out',
  words: null,
  timeline: [
    { at: AT, event: 'requested' },
    { at: AT, event: 'unknown', detail: 'timed_out' },
  ],
  version: 2,
  owner: 'a caller',
  historyMark: '7',
  lastConfirmed: null,
  snapshot: null,
  dueAt: AT,
  leaseUntil: null,
  askReach: 'sent',
  askedAt: AT,
  lastAskEndedAt: AT,
  lostAsks: 1,
  looksSinceAsk: 3,
};
const inState = (state: 'calling' | 'pending' | 'unknown' | 'needs_attention'): OpenOperation =>
  state === 'calling' ? { ...unknown, state, leaseUntil: DUE } : { ...unknown, state };

const MOVES: Record<Move['to'], Move> = {
  confirmed: { to: 'confirmed', detail: 'cancelled', evidence },
  refused: { to: 'refused', detail: 'refused_by_provider', words: 'no', evidence, historyMark: '9' },
  pending: { to: 'pending', detail: 'accepted', askReach: 'accepted', dueAt: Date.parse(DUE) },
  unknown: { to: 'unknown', detail: 'timed_out', askReach: 'sent', dueAt: Date.parse(DUE) },
  needs_attention: { to: 'needs_attention', detail: 'accepted', dueAt: Date.parse(DUE) },
};

describe('a move', () => {
  const froms = ['calling', 'pending', 'unknown', 'needs_attention'] as const;
  const all = froms.flatMap((from) => Object.values(MOVES).map((move) => ({ from, to: move.to, move })));

  it.each(all)(
    'from $from to $to is made where it is allowed, and is an item of the ledger then',
    ({ from, to, move }) => {
      if (mayMove(from, to)) {
        const next = moved(inState(from), move, writer);
        expect(operationSchema.parse(next)).toEqual(next);
        expect(next).toMatchObject({ state: to, detail: move.detail, version: 3, owner: 'a settler' });
      } else {
        const message = `An operation may not move from ${from} to ${to}.`;
        expect(() => moved(inState(from), move, writer)).toThrow(message);
      }
    },
  );

  it('leaves what is parked for an end only, and an end for nothing', () => {
    expect(all.filter(({ from, to }) => !mayMove(from, to)).map(({ from, to }) => `${from} → ${to}`)).toEqual([
      'needs_attention → pending',
      'needs_attention → unknown',
    ]);
    for (const end of ['confirmed', 'refused'] as const) {
      for (const to of [...froms, 'confirmed', 'refused'] as const) expect(mayMove(end, to)).toBe(false);
    }
    expect(mayMove('needs_attention', 'calling')).toBe(false);
    expect(() => calling(inState('needs_attention'), null, 0, writer)).toThrow('from needs_attention to calling');
  });

  it('to an end takes away what only open operations have', () => {
    const end = moved(unknown, MOVES.confirmed, writer);
    for (const field of ['dueAt', 'leaseUntil', 'askReach', 'askedAt', 'lastAskEndedAt', 'lostAsks', 'looksSinceAsk']) {
      expect(end).not.toHaveProperty(field);
    }
    expect(end).toMatchObject({ settledAt: LATER, evidence, historyMark: '7' });
    expect(moved(unknown, MOVES.refused, writer)).toMatchObject({
      settledAt: LATER,
      evidence,
      words: 'no',
      historyMark: '9',
    });
    const unmarked: Move = { to: 'refused', detail: 'order_not_found', words: null, evidence, historyMark: null };
    expect(moved(unknown, unmarked, writer)).toMatchObject({ words: null, historyMark: '7' });
  });

  it('after an ask begins to count looks anew, and keeps when the ask ended', () => {
    const asked = { ...inState('calling'), lastAskEndedAt: null };
    expect(moved(asked, MOVES.unknown, writer)).toMatchObject({
      looksSinceAsk: 0,
      lastAskEndedAt: LATER,
      leaseUntil: null,
    });
  });

  it('after an ask counts it as lost only where its answer got lost', () => {
    const asked = { ...inState('calling'), attempts: 5, lostAsks: 2 };
    expect(moved(asked, MOVES.unknown, writer)).toMatchObject({ lostAsks: 3 });
    expect(moved(asked, MOVES.pending, writer)).toMatchObject({ lostAsks: 2 });
    expect(taken(asked, Date.parse(DUE), writer)).toMatchObject({ state: 'unknown', lostAsks: 3 });
    expect(moved({ ...unknown, lostAsks: 2 }, MOVES.unknown, writer)).toMatchObject({ lostAsks: 2 });
  });

  it('counts all asks as lost of an operation from before they were counted', () => {
    const { lostAsks, ...older } = { ...unknown, attempts: 3 };
    const { lostAsks: _, ...calling } = {
      ...inState('calling'),
      state: 'calling' as const,
      leaseUntil: DUE,
      attempts: 3,
    };
    expect(moved(older, MOVES.unknown, writer)).toMatchObject({ lostAsks: 3 });
    expect(moved(calling, MOVES.unknown, writer)).toMatchObject({ lostAsks: 3 });
    expect(moved(calling, MOVES.pending, writer)).toMatchObject({ lostAsks: 2 });
  });

  it('after a look counts it, and keeps when the ask ended', () => {
    expect(moved(unknown, MOVES.unknown, writer)).toMatchObject({
      looksSinceAsk: 4,
      lastAskEndedAt: AT,
      dueAt: DUE,
      historyMark: '7',
    });
    const marked: Move = { to: 'pending', detail: 'accepted', askReach: 'accepted', dueAt: 0, historyMark: '8' };
    expect(moved(unknown, marked, writer)).toMatchObject({ historyMark: '8', askReach: 'accepted' });
    expect(moved(unknown, MOVES.needs_attention, writer)).toMatchObject({
      looksSinceAsk: 4,
      dueAt: DUE,
      leaseUntil: null,
    });
  });

  it('is in the timeline where it changes something', () => {
    const events = (operation: Operation) => operation.timeline.slice(unknown.timeline.length);
    expect(events(moved(unknown, MOVES.unknown, writer))).toEqual([]);
    const other: Move = { to: 'unknown', detail: 'connection_cut', askReach: 'sent', dueAt: 0 };
    expect(events(moved(unknown, other, writer))).toEqual([{ at: LATER, event: 'unknown', detail: 'connection_cut' }]);
    const parked: Move = { to: 'needs_attention', detail: 'timed_out', dueAt: 0 };
    expect(events(moved(unknown, parked, writer))).toEqual([
      { at: LATER, event: 'needs_attention', detail: 'timed_out' },
    ]);
  });
});

describe('to be asked again', () => {
  it('is written whole: who, until when, and the mark of what is there now', () => {
    const leaseUntil = Date.parse(DUE);
    expect(calling(unknown, '8', leaseUntil, writer)).toEqual({
      ...unknown,
      state: 'calling',
      detail: 'in_progress',
      attempts: 2,
      askedAt: LATER,
      historyMark: '8',
      leaseUntil: DUE,
      dueAt: DUE,
      version: 3,
      owner: 'a settler',
      timeline: [...unknown.timeline, { at: LATER, event: 'asked_again' }],
    });
    expect(calling(unknown, null, leaseUntil, writer).historyMark).toBe('7');
  });
});

describe('to be taken', () => {
  it('holds what is open until the lease ends, and changes nothing else', () => {
    expect(taken(unknown, Date.parse(DUE), writer)).toEqual({
      ...unknown,
      leaseUntil: DUE,
      dueAt: DUE,
      version: 3,
      owner: 'a settler',
    });
  });

  it('makes unknown what was being asked by one who is gone: that ask may have gone out until its lease ended', () => {
    const gone: OpenOperation = { ...inState('calling'), leaseUntil: AT, lastAskEndedAt: null, askReach: 'not_sent' };
    expect(taken(gone, Date.parse(DUE), writer)).toMatchObject({
      state: 'unknown',
      detail: 'interrupted',
      askReach: 'sent',
      looksSinceAsk: 0,
      lastAskEndedAt: AT,
      leaseUntil: DUE,
      timeline: [...unknown.timeline, { at: LATER, event: 'unknown', detail: 'interrupted' }],
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { standingOf } from '../../functions/operations/standing.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const STATE = { connection: 'loja-rio', credentialDigest: null, rejectedAt: null, pausedUntil: null, pausedFor: [] };
const REJECTED = { ...STATE, credentialDigest: 'the first', rejectedAt: '2026-03-01T11:00:00.000Z' };
const until = { pausedUntil: '2026-03-01T12:00:30.000Z' };
const NEEDS_REAUTH = { kind: 'needs_reauth', since: REJECTED.rejectedAt };
const PAUSED = { kind: 'paused', until: NOW + 30_000 };

describe('how a connection stands', () => {
  it.each([
    ['nothing was ever in the way', 'the first', null, { kind: 'usable' }],
    ['the provider rejected its credential', 'the first', REJECTED, NEEDS_REAUTH],
    ['the provider rejected another credential', 'the second', REJECTED, { kind: 'usable' }],
    ['its credential was not read', null, REJECTED, { kind: 'usable' }],
    ['an outage pauses it', 'the first', { ...STATE, ...until }, PAUSED],
    ['an outage pauses it, and its credential was not read', null, { ...STATE, ...until }, PAUSED],
    ['it is paused, and its credential rejected', 'the first', { ...REJECTED, ...until }, NEEDS_REAUTH],
    ['it is paused, and another credential was rejected', 'the second', { ...REJECTED, ...until }, PAUSED],
    ['its pause is over', 'the first', { ...STATE, pausedUntil: '2026-03-01T12:00:00.000Z' }, { kind: 'usable' }],
  ])('where %s', (_, credentialDigest, state, expected) => {
    const connection = credentialDigest === null ? null : { credentialDigest };
    expect(standingOf(connection, state, NOW)).toEqual(expected);
  });
});

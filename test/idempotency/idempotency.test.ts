import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidIdempotencyKey } from '../../functions/idempotency/errors.ts';
import { fingerprintOf } from '../../functions/idempotency/fingerprint.ts';
import { keyClaimOf, parseIdempotencyKey, scopedKey } from '../../functions/idempotency/idempotency-key.ts';

describe('an Idempotency-Key header', () => {
  it('may be left out', () => {
    expect(parseIdempotencyKey(undefined)).toBeNull();
  });

  it('names the same key bare and as a quoted string', () => {
    expect(parseIdempotencyKey('"8e03978e"')).toBe('8e03978e');
    expect(parseIdempotencyKey(' 8e03978e ')).toBe('8e03978e');
  });

  it.each(['', '   ', '""', 'a b', 'ключ', 'a\u0000', 'x'.repeat(256)])('is refused when it is %j', (header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(InvalidIdempotencyKey);
    expect(() => parseIdempotencyKey(header)).toThrow(expect.objectContaining({ name: 'InvalidIdempotencyKey' }));
    expect(() => parseIdempotencyKey(header)).toThrow('must be 1 to 255 visible ASCII characters');
  });

  it.each(['a"b"', '"a"b', 'a"', '"a'])('keeps the quotation marks that do not enclose all of it: %s', (header) => {
    expect(parseIdempotencyKey(header)).toBe(header);
  });

  it('claims nothing where none was sent, and is bound to its ask where one was', () => {
    const ask = { caller: 'ana', route: 'cancel loja-rio:340', body: {} };
    expect(keyClaimOf(undefined, ask)).toBeNull();
    expect(keyClaimOf('"k"', ask)).toEqual({ key: scopedKey('ana', 'k'), fingerprint: fingerprintOf(ask) });
    expect(() => keyClaimOf('', ask)).toThrow(InvalidIdempotencyKey);
  });

  it('may have 255 characters, from ! to ~', () => {
    for (const header of ['x'.repeat(255), '!~']) expect(parseIdempotencyKey(header)).toBe(header);
    for (const header of ['\u007f', '!\u0020!', '\u0000']) expect(() => parseIdempotencyKey(header)).toThrow();
  });

  it('is stored apart for each caller, and unreadably', () => {
    expect(scopedKey('ana', 'k')).not.toBe(scopedKey('bia', 'k'));
    expect(scopedKey('an', 'ak')).not.toBe(scopedKey('ana', 'k'));
    expect(scopedKey('ana', 'ana@loja.example')).toMatch(/^[\w-]{43}$/);
  });
});

describe('a fingerprint', () => {
  const ask = {
    caller: 'ana',
    route: 'POST /v1/connections/loja-rio/orders/340/cancel',
    body: { reason: 'fraud', note: 'x' },
  };

  it('does not depend on the order of keys', () => {
    const shuffled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shuffled)
        : value !== null && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, member]) => [key, shuffled(member)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(fingerprintOf({ ...ask, body: shuffled(body) })).toBe(fingerprintOf({ ...ask, body }));
      }),
    );
  });

  it.each([
    { ...ask, caller: 'bia' },
    { ...ask, route: 'POST /v1/connections/loja-rio/orders/341/cancel' },
    { ...ask, body: { reason: 'fraud' } },
    { ...ask, body: { reason: 'staff', note: 'x' } },
    { ...ask, body: [] },
    { ...ask, body: null },
  ])('differs for another ask: %j', (other) => {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(ask));
  });
});

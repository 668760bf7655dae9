import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { isInTime, isSame, isShopifySignature, isStandardSignature } from '../../functions/webhooks/signatures.ts';

const secretOf = (bytes: Uint8Array) => `whsec_${Buffer.from(bytes).toString('base64')}`;
const keyBytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
const id = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map(String.fromCharCode),
  minLength: 1,
  maxLength: 40,
});
const seconds = fc.integer({ min: 1, max: 4_000_000_000 });

/** A message as the reference implementation signs it. */
const signed = fc.record({ key: keyBytes, id, at: seconds, body: fc.string({ unit: 'grapheme' }) }).map((made) => {
  const secret = secretOf(made.key);
  const signatures = new Webhook(secret).sign(made.id, new Date(made.at * 1000), made.body);
  return { secret, id: made.id, timestamp: String(made.at), signatures, body: Buffer.from(made.body) };
});

const flipped = (text: string, at: number, bit: number): string => {
  const bytes = Buffer.from(text, 'latin1');
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes.toString('latin1');
};
const everyFlip = (length: number) => Array.from({ length: length * 8 }, (_, n) => [Math.floor(n / 8), n % 8] as const);

describe('a Standard Webhooks signature', () => {
  it('of the reference implementation is taken, with the prefix whsec_ and without it', () => {
    fc.assert(
      fc.property(signed, ({ secret, ...message }) => {
        expect(isStandardSignature(secret, message)).toBe(true);
        expect(isStandardSignature(secret.slice('whsec_'.length), message)).toBe(true);
      }),
    );
  });

  it('does not fit where any bit of the body, the id, the timestamp or itself is another', () => {
    fc.assert(
      fc.property(signed, ({ secret, ...message }) => {
        const wrong = [
          ...everyFlip(message.body.length).map(([at, bit]) => {
            const body = Buffer.from(message.body);
            body[at] = (body[at] ?? 0) ^ (1 << bit);
            return { ...message, body };
          }),
          ...(['id', 'timestamp', 'signatures'] as const).flatMap((field) =>
            everyFlip(message[field].length).map(([at, bit]) => ({
              ...message,
              [field]: flipped(message[field], at, bit),
            })),
          ),
        ];
        expect(wrong.filter((one) => isStandardSignature(secret, one))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('is found among several, and counts only as v1', () => {
    fc.assert(
      fc.property(signed, fc.uint8Array({ minLength: 32, maxLength: 32 }), ({ secret, ...message }, bytes) => {
        const other = `v1,${Buffer.from(bytes).toString('base64')}`;
        const [, base64 = ''] = message.signatures.split(',');
        const fits = (signatures: string) => isStandardSignature(secret, { ...message, signatures });
        expect(fits(`${other} v1a,${base64} ${message.signatures} ${other}`)).toBe(true);
        expect(fits(`${other} v1a,${base64} v2,${base64} ${base64}`)).toBe(false);
        expect(fits('')).toBe(false);
      }),
    );
  });

  it('of another secret does not fit', () => {
    fc.assert(
      fc.property(signed, keyBytes, ({ secret, ...message }, another) => {
        fc.pre(secretOf(another) !== secret);
        expect(isStandardSignature(secretOf(another), message)).toBe(false);
      }),
    );
  });
});

it.each([
  [-301, false],
  [-300, true],
  [-299, true],
  [0, true],
  [299, true],
  [300, true],
  [301, false],
])('a timestamp %i s from now is in time: %s', (offset, expected) => {
  const now = 1_800_000_000_999;
  expect(isInTime(String(1_800_000_000 + offset), now)).toBe(expected);
});

describe('a Shopify signature', () => {
  // As Shopify publishes it: base64 of the HMAC-SHA256 of the raw body.
  const sign = (secret: string, body: Uint8Array) => createHmac('sha256', secret).update(body).digest('base64');

  it('is taken over bytes that are no text, and not where any bit of the body or of itself is another', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 16 }), fc.uint8Array({ minLength: 1 }), (secret, body) => {
        const hmac = sign(secret, body);
        expect(isShopifySignature(secret, { hmac, body })).toBe(true);
        expect(isShopifySignature(`${secret}x`, { hmac, body })).toBe(false);
        for (const [at, bit] of everyFlip(body.length)) {
          const wrong = Buffer.from(body);
          wrong[at] = (wrong[at] ?? 0) ^ (1 << bit);
          expect(isShopifySignature(secret, { hmac, body: wrong })).toBe(false);
        }
        for (const [at, bit] of everyFlip(hmac.length)) {
          expect(isShopifySignature(secret, { hmac: flipped(hmac, at, bit), body })).toBe(false);
        }
      }),
      { numRuns: 20 },
    );
  });
});

it('two texts are the same only where they are equal', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => isSame(a, b) === (a === b)));
  fc.assert(fc.property(fc.string(), (a) => isSame(a, a)));
});

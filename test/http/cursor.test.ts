import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod';
import type { List } from '../../functions/http/cursor.ts';
import { cursorsOf } from '../support/cursors.ts';

const place = z.object({ day: z.string() });
const DAY = { day: '2026-08-01' };
const caller = { name: 'ana', scopes: ['read'], connections: null };
const LIST: List = {
  request: { route: 'GET /v1/operations', params: {}, caller },
  filters: { outcome: 'refused' },
  connections: null,
};
const cursors = cursorsOf();
const message = 'is not a cursor of this list with these filters for this caller: begin without one';
const refused = { name: 'InvalidInput', errors: [{ field: 'cursor', message }] };

describe('a cursor', () => {
  it('comes back as it was given, and shows nothing of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 8 }), fc.jsonValue(), async (day, filters) => {
        const cursor = await cursors.seal({ day }, { ...LIST, filters });
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(Buffer.from(cursor, 'base64url').includes(day)).toBe(false);
        expect(await cursors.open(cursor, { ...LIST, filters }, place)).toEqual({ day });
      }),
    );
  });

  it.each<[string, List]>([
    ['the filters', { ...LIST, filters: { outcome: 'unknown' } }],
    ['the connections', { ...LIST, connections: ['loja-rio'] }],
    ['the route', { ...LIST, request: { ...LIST.request, route: 'GET /v1/cancelled-orders' } }],
    ['what is in its path', { ...LIST, request: { ...LIST.request, params: { connection: 'loja-rio' } } }],
    ['the caller', { ...LIST, request: { ...LIST.request, caller: { ...caller, name: 'bia' } } }],
    [
      'the connections of the caller’s token',
      { ...LIST, request: { ...LIST.request, caller: { ...caller, connections: ['loja-rio'] } } },
    ],
  ])('belongs to %s that it was made for', async (_, other) => {
    const cursor = await cursors.seal(DAY, LIST);
    await expect(cursors.open(cursor, other, place)).rejects.toMatchObject(refused);
  });

  it('is refused, by name, when a single bit of it is another', async () => {
    const cursor = Buffer.from(await cursors.seal(DAY, LIST), 'base64url');
    await fc.assert(
      fc.asyncProperty(fc.nat(cursor.length * 8 - 1), async (bit) => {
        const other = Buffer.from(cursor);
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await expect(cursors.open(other.toString('base64url'), LIST, place)).rejects.toMatchObject(refused);
      }),
    );
  });

  it('is refused, by name, when it is anything else', async () => {
    const old = Buffer.from(JSON.stringify({ filters: 'x'.repeat(16), place: DAY })).toString('base64url');
    const others = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.constant(old),
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(others, async (text) => {
        await expect(cursors.open(text, LIST, place)).rejects.toMatchObject(refused);
      }),
    );
  });

  it.each([
    ['behind', (cursor: string) => `${cursor}!`],
    ['before', (cursor: string) => `!${cursor}`],
  ])('is refused, by name, with another sign %s it', async (_, spoilt) => {
    const cursor = await cursors.seal(DAY, LIST);
    await expect(cursors.open(spoilt(cursor), LIST, place)).rejects.toMatchObject(refused);
  });

  it('is refused, by name, when it is of a place of another form', async () => {
    const cursor = await cursors.seal({ day: 1 }, LIST);
    await expect(cursors.open(cursor, LIST, place)).rejects.toMatchObject(refused);
  });

  it('is good until the key before is forgotten', async () => {
    const [old, next] = ['o'.repeat(32), 'n'.repeat(32)];
    const cursor = await cursorsOf({ current: old }).seal(DAY, LIST);
    expect(await cursorsOf({ current: next, previous: old }).open(cursor, LIST, place)).toEqual(DAY);
    for (const keys of [{ current: next }, { current: next, previous: 'p'.repeat(32) }]) {
      await expect(cursorsOf(keys).open(cursor, LIST, place)).rejects.toMatchObject(refused);
    }
  });
});

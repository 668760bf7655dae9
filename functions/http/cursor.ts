import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type * as z from 'zod';
import type { Keys } from '../runtime/keys.ts';
import { InvalidInput } from './errors.ts';
import type { ApiRequest } from './request.ts';

/**
 * A list's place to go on from, sealed: it may name an order that its caller may not see. AES-256-GCM (NIST SP 800-38D) under a
 * key of the stack's own, bound to the route, the caller, and what the list was made of. Whatever else it comes back with, it is
 * no cursor.
 */
export interface Cursors {
  seal(place: unknown, list: List): Promise<string>;
  /** Throws `InvalidInput` naming `cursor`. */
  open<Place>(cursor: string, list: List, place: z.ZodType<Place>): Promise<Place>;
}

export interface List {
  readonly request: Pick<ApiRequest, 'route' | 'params' | 'caller'>;
  readonly filters: unknown;
  /** Those that the list reads; null: all. */
  readonly connections: readonly string[] | null;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createCursors(keys: Keys): Cursors {
  return {
    async seal(place, list) {
      const { current } = await keys.derive('cursor');
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, current, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(list));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(place), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },

    async open(cursor, list, place) {
      if (!/^[\w-]{38,2000}$/.test(cursor)) throw invalidCursor();
      const { current, previous } = await keys.derive('cursor');
      const bytes = Buffer.from(cursor, 'base64url');
      const text = opened(bytes, current, list) ?? (previous === null ? null : opened(bytes, previous, list));
      const parsed = place.safeParse(text === null ? null : (JSON.parse(text) as unknown));
      if (!parsed.success) throw invalidCursor();
      return parsed.data;
    },
  };
}

export function invalidCursor(): InvalidInput {
  const message = 'is not a cursor of this list with these filters for this caller: begin without one';
  return new InvalidInput([{ field: 'cursor', message }]);
}

/** What a cursor is good for, as bytes that are authenticated with it. */
function bound({ request: { route, params, caller }, filters, connections }: List): Buffer {
  return Buffer.from(JSON.stringify([route, params, caller.name, caller.connections, filters, connections]));
}

/** Null where the key, or what the cursor is bound to, is another. */
function opened(bytes: Buffer, key: Buffer, list: List): string | null {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(bound(list))
      .setAuthTag(tag);
    return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}

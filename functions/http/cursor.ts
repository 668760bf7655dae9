import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type * as z from 'zod';
import type { Keys } from '../runtime/keys.ts';
import { InvalidInput } from './errors.ts';
import type { ApiRequest } from './request.ts';

/**
 * Seals the place where a list's next page begins, because it may name an order that the caller may not see. A cursor is encrypted
 * with AES-256-GCM (NIST SP 800-38D) under the stack's own key and bound to the route, the caller, the filters and the connections. It
 * opens only together with all of these.
 */
export interface Cursors {
  seal(place: unknown, list: List): Promise<string>;
  /** Throws `InvalidInput`, which names `cursor`, if it was sealed for another list or is no cursor. */
  open<Place>(cursor: string, list: List, place: z.ZodType<Place>): Promise<Place>;
}

export interface List {
  readonly request: Pick<ApiRequest, 'route' | 'params' | 'caller'>;
  readonly filters: unknown;
  /** The connections that the list reads; null means all. */
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

/** The list that a cursor is bound to, as bytes that are authenticated with it. */
function bound({ request: { route, params, caller }, filters, connections }: List): Buffer {
  return Buffer.from(JSON.stringify([route, params, caller.name, caller.connections, filters, connections]));
}

/** Null if the cursor was sealed with another key or for another list. */
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

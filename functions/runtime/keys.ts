import { hkdfSync } from 'node:crypto';
import * as z from 'zod';
import { parseBoundedJson } from './bounded-json.ts';
import { SecretUnreadable } from './errors.ts';

/** What a key is derived for. The key of one purpose reveals nothing of another's. */
export type KeyPurpose = 'cursor' | 'account';

/** Keys of 32 bytes. */
export interface PurposeKeys {
  /** Seals cursors and names accounts. */
  readonly current: Buffer;
  /** The key before a rotation: it still opens cursors and recognises accounts. */
  readonly previous: Buffer | null;
}

export interface Keys {
  /** Returns the stack's keys for one purpose. Throws {@link SecretUnreadable}. */
  derive(purpose: KeyPurpose): Promise<PurposeKeys>;
}

const secretSchema = z.object({
  current: z.string().min(32),
  previous: z.nullish(z.string().min(32)),
});

/**
 * Derives keys that only this stack has, by HKDF-SHA-256 (RFC 5869), from one secret text: `{"current": "…", "previous": "…"}`, each of
 * 32 characters or more. `readSecret` reads that text, and may cache it.
 */
export function createKeys({ readSecret }: { readSecret: () => Promise<string> }): Keys {
  return {
    async derive(purpose) {
      const parsed = secretSchema.safeParse(jsonOf(await readSecret()));
      if (!parsed.success) throw new SecretUnreadable('stack key');
      const { current, previous = null } = parsed.data;
      return { current: derived(current, purpose), previous: previous === null ? null : derived(previous, purpose) };
    },
  };
}

function derived(secret: string, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `countermand ${purpose}`, 32));
}

function jsonOf(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}

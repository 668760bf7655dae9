import type { ExchangeResult } from '../../functions/providers/http-exchange.ts';
import type { Dice } from './dice.ts';

/** A cache in front of a provider. It keeps one reply to each address for a while, and does not heed who asks past it. */
export interface Cache {
  /** What it has for an address, marked as that old, unless it hides that; null where it has nothing whose age would show. */
  answer(address: string, now: number): ExchangeResult | null;
  keep(address: string, reply: ExchangeResult, now: number, chance: Dice): void;
}

const LONGEST_KEPT_MS = 300_000;
/** `Age` is in whole seconds. */
const LEAST_AGE_MS = 1_000;
/** A `Date` shows only what is older than clocks may differ by: the provider's and ours, and ours and the true time. */
const LEAST_BY_DATE_MS = 41_000;

interface Kept {
  readonly reply: ExchangeResult & { kind: 'reply' };
  readonly at: number;
  readonly until: number;
  readonly shows: 'age' | 'date';
}

export function createCache(hidesAge: boolean): Cache {
  const replies = new Map<string, Kept>();
  return {
    answer(address, now) {
      const kept = replies.get(address);
      if (kept === undefined || now >= kept.until) return null;
      const ageMs = now - kept.at;
      const ownDate = new Date(now).toUTCString();
      if (hidesAge) return { ...kept.reply, headers: { ...kept.reply.headers, date: ownDate } };
      if (ageMs < (kept.shows === 'age' ? LEAST_AGE_MS : LEAST_BY_DATE_MS)) return null;
      if (kept.shows === 'date') return kept.reply;
      // Some put a Date of their own on what they send: then only the Age shows how old it is.
      const shown = { age: String(Math.floor(ageMs / 1_000)), date: ownDate };
      return { ...kept.reply, headers: { ...kept.reply.headers, ...shown } };
    },
    keep(address, reply, now, chance) {
      const kept = replies.get(address);
      if (reply.kind !== 'reply' || (kept !== undefined && now < kept.until)) return;
      const until = now + chance.between(LEAST_AGE_MS, LONGEST_KEPT_MS);
      replies.set(address, { reply, at: now, until, shows: chance.pick(['age', 'date']) });
    },
  };
}

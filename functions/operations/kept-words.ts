import type { OrderFacts } from '../providers/provider.ts';
import { cut } from '../runtime/cut.ts';
import { withoutValues } from '../runtime/personal-values.ts';

const LONGEST_WORDS = 300;
const LONGEST_STATUS = 60;

/**
 * The provider's words as they may be kept: without the order's personal values or the longer words of them, however they are
 * written, without what looks like any, and short.
 */
export function keptWords(words: string, order: OrderFacts | null, redact: (text: string) => string): string {
  return cut(redact(withoutValues(order?.personalData ?? [])(words)), LONGEST_WORDS);
}

/** A status as it may be kept: it is the provider's text, so no more of it is kept than a status has. */
export function keptStatus(status: string, redact: (text: string) => string): string {
  return cut(redact(status), LONGEST_STATUS);
}

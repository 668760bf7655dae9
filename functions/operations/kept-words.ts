import type { OrderFacts } from '../providers/provider.ts';
import { cut } from '../runtime/cut.ts';

const LONGEST_WORDS = 300;
const LONGEST_STATUS = 60;

/**
 * The provider's words as they may be kept: without the order's personal values or the longer words of them, in whatever letter
 * case, without what looks like any, and short.
 */
export function keptWords(words: string, order: OrderFacts | null, redact: (text: string) => string): string {
  const values = (order?.personalData ?? []).filter((value) => value.length > 2);
  const parts = values.flatMap((value) => value.split(/[\s,]+/)).filter((part) => part.length >= 4);
  const struck = [...values, ...parts]
    .sort((a, b) => b.length - a.length)
    .reduce((text, value) => text.replace(new RegExp(escaped(value), 'gi'), '[redacted]'), words);
  return cut(redact(struck), LONGEST_WORDS);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A status as it may be kept: it is the provider's text, so no more of it is kept than a status has. */
export function keptStatus(status: string, redact: (text: string) => string): string {
  return cut(redact(status), LONGEST_STATUS);
}

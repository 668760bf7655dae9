import type { OrderFacts } from '../providers/provider.ts';
import { cut } from '../runtime/cut.ts';
import { withoutValues } from '../runtime/personal-values.ts';
import { LONGEST_ACTOR, LONGEST_NOTE } from './ask-fields.ts';

const LONGEST_WORDS = 300;
const LONGEST_STATUS = 60;

/**
 * The provider's words as they may be kept: without the order's personal values or the longer words of them, however they are
 * written, without what looks like any, and short.
 */
export function keptWords(words: string, order: OrderFacts | null, redact: (text: string) => string): string {
  return cut(redact(withoutValues(order?.personalData ?? [])(words)), LONGEST_WORDS);
}

/** What somebody writes beside an ask, as it may be kept: what is struck out can leave a longer text than it was. */
export function keptNote(note: string, redact: (text: string) => string): string {
  return cut(redact(note), LONGEST_NOTE);
}

/** Who asks, as somebody writes it, in the same way. */
export function keptActor(actor: string, redact: (text: string) => string): string {
  return cut(redact(actor), LONGEST_ACTOR);
}

/** A status as it may be kept: it is the provider's text, so no more of it is kept than a status has. */
export function keptStatus(status: string, redact: (text: string) => string): string {
  return cut(redact(status), LONGEST_STATUS);
}

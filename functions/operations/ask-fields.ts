import * as z from 'zod';
import { cut } from '../runtime/cut.ts';
import { CANCEL_REASONS } from './rules/operation.ts';

/** DynamoDB does not take lone surrogates, and SQS does not take U+FFFE and U+FFFF (its API reference, SendMessage). */
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .transform((value) => value.toWellFormed().replace(/[\ufffe\uffff]/g, '\ufffd'));

export const LONGEST_NOTE = 500;
export const LONGEST_ACTOR = 100;

/** The optional fields of every ask, by any trigger. */
export const askFields = {
  note: z.optional(text(LONGEST_NOTE)),
  actor: z.optional(text(LONGEST_ACTOR)),
};
export const cancelFields = { reason: z.optional(z.enum(CANCEL_REASONS)), ...askFields };

/** Returns a caller's note in a form that may be kept. It is cut after redacting, since redacting can make a text longer. */
export function keptNote(note: string, redact: (text: string) => string): string {
  return cut(redact(note), LONGEST_NOTE);
}

/** Returns the name of the person or system that asks in a form that may be kept: redacted and cut as in {@link keptNote}. */
export function keptActor(actor: string, redact: (text: string) => string): string {
  return cut(redact(actor), LONGEST_ACTOR);
}

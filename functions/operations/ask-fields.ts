import * as z from 'zod';
import { cut } from '../runtime/cut.ts';
import { CANCEL_REASONS } from './rules/operation.ts';

/** Halves of surrogate pairs are no text that DynamoDB takes, and U+FFFE and U+FFFF none that SQS takes (its API reference, SendMessage). */
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .transform((value) => value.toWellFormed().replace(/[\ufffe\uffff]/g, '\ufffd'));

export const LONGEST_NOTE = 500;
export const LONGEST_ACTOR = 100;

/** What an ask may say beside the order, whichever way it comes. */
export const askFields = {
  note: z.optional(text(LONGEST_NOTE)),
  actor: z.optional(text(LONGEST_ACTOR)),
};
export const cancelFields = { reason: z.optional(z.enum(CANCEL_REASONS)), ...askFields };

/** A caller's note as it may be kept. It is cut after redacting, as a redacted text can be longer than the note was. */
export function keptNote(note: string, redact: (text: string) => string): string {
  return cut(redact(note), LONGEST_NOTE);
}

/** The name of the one who asks, as it may be kept: redacted and cut as {@link keptNote} is. */
export function keptActor(actor: string, redact: (text: string) => string): string {
  return cut(redact(actor), LONGEST_ACTOR);
}

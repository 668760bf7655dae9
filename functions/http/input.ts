import type * as z from 'zod';
import { plainWords } from '../runtime/schema-problems.ts';
import { InvalidInput, type FieldError } from './errors.ts';

const MOST_ERRORS = 20;
/** Field names that an error may repeat. Other names could be anything, of any length. */
const PLAIN_NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** Parses the value. Throws `InvalidInput`, which names each wrong field; `whole` names the value itself. */
export function parseInput<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  whole: 'body' | 'query' | 'path' | 'headers',
): Output {
  const parsed = schema.safeParse(value, { error: plainWords });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) => fieldErrorsOf(issue, whole));
  throw new InvalidInput(errors.slice(0, MOST_ERRORS));
}

function fieldErrorsOf(issue: z.core.$ZodIssue, whole: string): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: PLAIN_NAME.test(key) ? key : whole,
      message: PLAIN_NAME.test(key) ? 'is not known here' : 'has a field that is not known here',
    }));
  }
  return [{ field: issue.path.length === 0 ? whole : issue.path.map(String).join('.'), message: issue.message }];
}

import type * as z from 'zod';

/** Messages for `safeParse(value, { error: plainWords })` that an operator understands. A schema's own messages win. None shows a value. */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_type') return `must be ${TYPES[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  if (issue.code === 'invalid_union' && Array.isArray(issue['options'])) return oneOf(issue['options']);
  if (issue.code === 'too_small')
    return issue.origin === 'number' ? `must be at least ${issue.minimum}` : 'must not be empty';
  if (issue.code === 'too_big') return issue.origin === 'number' ? `must be at most ${issue.maximum}` : 'is too long';
  return undefined;
};

function oneOf(values: readonly unknown[]): string {
  return `must be one of ${values.map(String).join(', ')}`;
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};

/** Lists what a schema found wrong under `name`, one line for each field: `loja-rio.baseUrl: is missing`. */
export function problemsOf(name: string | null, error: z.ZodError): string[] {
  const at = (path: readonly PropertyKey[], words: string) => {
    const field = [...(name === null ? [] : [name]), ...path.map(String)].join('.');
    return field === '' ? words : `${field}: ${words}`;
  };
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => at([...issue.path, key], 'is not a field that is known here'));
    const words = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return [at(issue.path, words)];
  });
}

/** Puts one problem on the same line as its subject, several on a line each. */
export function listed(about: string, problems: readonly string[]): string {
  return problems.length === 1
    ? `${about}: ${problems.join()}`
    : `${about}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
}

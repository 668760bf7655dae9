import * as z from 'zod';
import { InvalidInput, PreconditionRequired } from './errors.ts';

/** A strong entity tag (RFC 9110, 8.8.3). */
export function etagOf(version: string): string {
  return `"${version}"`;
}

/** As the document has it: what is no entity tag is refused below, in its own words. */
export const ifMatchSchema = z.optional(
  z.string().meta({ description: 'Required but for a dry run: the `ETag` that a `GET` of this path showed.' }),
);

/**
 * What an `If-Match` asks of a version: to be one that it names; strongly, so a weak tag (`W/"…"`) never does. Throws
 * `PreconditionRequired` without one, and for `*`, which does not say which version was seen; `InvalidInput` for what is no
 * list of entity tags.
 */
export function requiredMatch(ifMatch: string | undefined): (version: string) => boolean {
  const header = ifMatch?.trim() ?? '';
  if (header === '' || header === '*') throw new PreconditionRequired();
  if (!TAGS.test(header)) {
    throw new InvalidInput([
      { field: 'If-Match', message: 'must be an entity tag as a GET showed it, in double quotes' },
    ]);
  }
  const tags = header.split(/\s*,\s*/);
  return (version) => tags.includes(etagOf(version));
}

const TAGS = /^(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*$/;

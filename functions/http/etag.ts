import * as z from 'zod';
import { InvalidInput, PreconditionRequired } from './errors.ts';

/** Returns a strong entity tag (RFC 9110, 8.8.3). */
export function etagOf(version: string): string {
  return `"${version}"`;
}

/** For the OpenAPI document. `requiredMatch` rejects a header that is no entity tag, with a message of its own. */
export const ifMatchSchema = z.optional(
  z.string().meta({ description: 'The `ETag` that a `GET` of this path returned. Required, except for a dry run.' }),
);

/**
 * Returns a check of whether an `If-Match` names a version. It compares strongly, so a weak tag (`W/"…"`) never matches. Throws
 * `PreconditionRequired` without a header and for `*`, which does not say which version the caller saw, and `InvalidInput` if the
 * header is no list of entity tags.
 */
export function requiredMatch(ifMatch: string | undefined): (version: string) => boolean {
  const header = ifMatch?.trim() ?? '';
  if (header === '' || header === '*') throw new PreconditionRequired();
  if (!TAGS.test(header)) {
    throw new InvalidInput([
      { field: 'If-Match', message: 'must be an entity tag as a GET returned it, in double quotes' },
    ]);
  }
  const tags = header.split(/\s*,\s*/);
  return (version) => tags.includes(etagOf(version));
}

const TAGS = /^(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*$/;

import * as z from 'zod';
import type { WebhookKind } from './declarations.ts';
import { standardKey } from './signatures.ts';

const base64 = /^(?:whsec_)?[A-Za-z0-9+/]+={0,2}$/;

/**
 * The form of a secret, after surrounding white space is trimmed. The lengths keep out placeholders and typing errors; the standard
 * one's length is from its specification.
 */
const SECRETS: Readonly<Record<WebhookKind, z.ZodType<string>>> = {
  estoka: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{24,200}$/, 'must be 24 to 200 letters, digits, - and _'),
  standard: z
    .string()
    .trim()
    .regex(base64, 'must be whsec_ and base64')
    .refine((secret) => standardKey(secret).length >= 24 && standardKey(secret).length <= 64, {
      error: 'must be base64 of 24 to 64 bytes',
    }),
  shopify: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{16,}$/, 'must be 16 or more visible ASCII characters, in one line'),
};

/** Returns the schema of a webhook's secrets. `previous` may be missing, null or blank. */
export function secretsSchema(kind: WebhookKind) {
  const blank = z.string().trim().length(0);
  return z.object({
    current: SECRETS[kind],
    previous: z.preprocess(
      (previous) => (blank.safeParse(previous).success ? null : previous),
      z.nullish(SECRETS[kind]),
    ),
  });
}

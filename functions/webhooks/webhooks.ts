import * as z from 'zod';
import type { Clock } from '../runtime/clock.ts';
import { parseBoundedJson } from '../runtime/bounded-json.ts';
import type { Logger } from '../runtime/logger.ts';
import type { WebhookDeclaration, WebhookKind, WebhookOf } from './declarations.ts';
import { UnknownWebhook, WebhookNotVerified, WebhookSecretUnusable } from './errors.ts';
import { standardKey } from './signatures.ts';

export interface Webhooks {
  /** Throws `UnknownWebhook`, also where the webhook is of another kind. */
  get<Kind extends WebhookKind>(name: string, kind: Kind): WebhookOf<Kind>;
  /** Throws `WebhookNotVerified`, with `words` for the sender. */
  refuse(webhook: WebhookDeclaration, words: string): never;
  /**
   * Passes where `fits` says so of the webhook's current or previous secret; else refuses. Throws `WebhookNotVerified` and
   * `WebhookSecretUnusable`.
   */
  verify(webhook: WebhookDeclaration, words: string, fits: (secret: string) => boolean): Promise<void>;
}

export interface WebhooksNeeds {
  readonly declarations: ReadonlyMap<string, WebhookDeclaration>;
  /** `fresh`: reads the secret anew instead of from a cache. */
  readonly readSecret: (name: string, options: { fresh: boolean }) => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Anybody can make a secret be read anew by a wrong signature; so often for each webhook and container, and no more. */
const REREADS = { most: 5, withinMs: 60_000 };

export function createWebhooks({ declarations, readSecret, clock, log }: WebhooksNeeds): Webhooks {
  const rereads = new Map<string, number[]>();
  const mayReread = (name: string): boolean => {
    const recent = (rereads.get(name) ?? []).filter((at) => clock.now() - at < REREADS.withinMs);
    if (recent.length >= REREADS.most) return false;
    rereads.set(name, [...recent, clock.now()]);
    return true;
  };
  const secretsOf = async (webhook: WebhookDeclaration, options: { fresh: boolean }): Promise<string[]> => {
    const text = await readSecret(webhook.name, options).catch((error: unknown) => {
      throw new WebhookSecretUnusable(`The secret of the webhook ${webhook.name} could not be read.`, { cause: error });
    });
    return secretsIn(text, webhook);
  };

  const refuse = ({ name }: WebhookDeclaration, words: string): never => {
    log.warn('WEBHOOK_REFUSED', { webhook: name, why: words });
    throw new WebhookNotVerified(words);
  };

  return {
    refuse,
    get<Kind extends WebhookKind>(name: string, kind: Kind) {
      const webhook = declarations.get(name);
      if (webhook === undefined || !isOfKind(webhook, kind)) throw new UnknownWebhook();
      return webhook;
    },
    async verify(webhook, words, fits) {
      if ((await secretsOf(webhook, { fresh: false })).some(fits)) return;
      // It may have been rotated since it was read.
      if (mayReread(webhook.name) && (await secretsOf(webhook, { fresh: true })).some(fits)) return;
      refuse(webhook, words);
    },
  };
}

function isOfKind<Kind extends WebhookKind>(webhook: WebhookDeclaration, kind: Kind): webhook is WebhookOf<Kind> {
  return webhook.kind === kind;
}

const base64 = /^(?:whsec_)?[A-Za-z0-9+/]+={0,2}$/;

/** What a secret looks like, without the white space that was pasted around it. The lengths keep a placeholder or a slip from being one; the standard one's is its specification's. */
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

/** The secrets in a stored `{"current": "…", "previous": "…"}`. `previous` may be missing or null. */
function secretsIn(text: string, { name, kind }: WebhookDeclaration): string[] {
  const unusable = (why: string) =>
    new WebhookSecretUnusable(`The secret of the webhook ${name} cannot be used: ${why}.`);
  const schema = z.object({ current: SECRETS[kind], previous: z.nullish(SECRETS[kind]) });
  let json: unknown;
  try {
    json = parseBoundedJson(text);
  } catch {
    throw unusable('it is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw unusable(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join(', '));
  }
  const { current, previous } = parsed.data;
  return previous ? [current, previous] : [current];
}

import type { Clock } from '../runtime/clock.ts';
import { parseBoundedJson } from '../runtime/bounded-json.ts';
import type { Logger } from '../runtime/logger.ts';
import { plainWords, problemsOf } from '../runtime/schema-problems.ts';
import type { WebhookDeclaration, WebhookKind, WebhookOf } from './declarations.ts';
import { UnknownWebhook, WebhookNotVerified, WebhookSecretUnusable } from './errors.ts';
import { secretsSchema } from './webhook-secrets.ts';

export interface Webhooks {
  /** Throws `UnknownWebhook`, also if the webhook is of another kind. */
  get<Kind extends WebhookKind>(name: string, kind: Kind): WebhookOf<Kind>;
  /** Throws `WebhookNotVerified`, with `words` for the sender. */
  refuse(webhook: WebhookDeclaration, words: string): never;
  /**
   * Resolves if `fits` accepts the webhook's current or previous secret; refuses otherwise. Throws `WebhookNotVerified` and
   * `WebhookSecretUnusable`.
   */
  verify(webhook: WebhookDeclaration, words: string, fits: (secret: string) => boolean): Promise<void>;
}

export interface WebhooksNeeds {
  readonly declarations: ReadonlyMap<string, WebhookDeclaration>;
  /** `fresh`: reads the secret again instead of using a cached one. */
  readonly readSecret: (name: string, options: { fresh: boolean }) => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Anyone can force another reading of a secret by a wrong signature. This is the most for each webhook and container. */
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
      // The secret may have been rotated since it was read.
      if (mayReread(webhook.name) && (await secretsOf(webhook, { fresh: true })).some(fits)) return;
      refuse(webhook, words);
    },
  };
}

function isOfKind<Kind extends WebhookKind>(webhook: WebhookDeclaration, kind: Kind): webhook is WebhookOf<Kind> {
  return webhook.kind === kind;
}

/** Returns the secrets in a stored `{"current": "…", "previous": "…"}`. */
function secretsIn(text: string, { name, kind }: WebhookDeclaration): string[] {
  const unusable = (why: string) =>
    new WebhookSecretUnusable(`The secret of the webhook ${name} cannot be used: ${why}.`);
  let json: unknown;
  try {
    json = parseBoundedJson(text);
  } catch {
    throw unusable('it is not JSON');
  }
  const parsed = secretsSchema(kind).safeParse(json, { error: plainWords });
  if (!parsed.success) throw unusable(problemsOf(null, parsed.error).join(', '));
  const { current, previous } = parsed.data;
  return previous ? [current, previous] : [current];
}

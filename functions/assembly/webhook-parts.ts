import { parseConnections } from '../providers/connections.ts';
import { CONNECTIONS_FILE, ENVIRONMENT, fromEnvironment, WEBHOOKS_FILE } from '../runtime/environment.ts';
import { parseWebhooks } from '../webhooks/declarations.ts';
import { createWebhooks, type Webhooks } from '../webhooks/webhooks.ts';
import { bundledJson, type partsFor } from './parts.ts';

/** The declared webhooks. Apart from the other parts: only who receives webhooks carries what reads them. */
export function webhooksFrom({
  clock,
  log,
  secrets,
}: Pick<ReturnType<typeof partsFor>, 'clock' | 'log' | 'secrets'>): Webhooks {
  const prefix = fromEnvironment(ENVIRONMENT.webhookSecretPrefix);
  return createWebhooks({
    declarations: parseWebhooks(
      bundledJson(WEBHOOKS_FILE),
      parseConnections(bundledJson(CONNECTIONS_FILE)),
      // Synth has looked at them.
      () => null,
    ),
    readSecret: (name, options) => secrets().read(`${prefix}${name}`, options),
    clock,
    log: log(),
  });
}

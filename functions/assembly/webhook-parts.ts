import { parseConnections } from '../providers/connections.ts';
import { CONNECTIONS_FILE, ENVIRONMENT, fromEnvironment, WEBHOOKS_FILE } from '../runtime/environment.ts';
import { parseWebhooks } from '../webhooks/declarations.ts';
import { createWebhooks, type Webhooks } from '../webhooks/webhooks.ts';
import { bundledJson, type partsFor } from './parts.ts';

/** The declared webhooks. They are not in `parts.ts`, so that only the bundles of functions that receive webhooks contain this code. */
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
      // Synth has checked the patterns.
      () => null,
    ),
    readSecret: (name, options) => secrets().read(`${prefix}${name}`, options),
    clock,
    log: log(),
  });
}

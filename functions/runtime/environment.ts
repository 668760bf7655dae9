/**
 * The environment variables that the stack sets and the functions read, in one place for both. The stack sets for each function only
 * those that it uses (`infra/functions.ts`).
 */
export const ENVIRONMENT = {
  ledgerTable: 'LEDGER_TABLE',
  idempotencyKeysTable: 'IDEMPOTENCY_KEYS_TABLE',
  connectionHealthTable: 'CONNECTION_HEALTH_TABLE',
  accessTokensTable: 'ACCESS_TOKENS_TABLE',
  exportJobsTable: 'EXPORT_JOBS_TABLE',
  exportsBucket: 'EXPORTS_BUCKET',
  /** A connection's credential is the Secrets Manager secret `{prefix}{connection}`. */
  connectionSecretPrefix: 'CONNECTION_SECRET_PREFIX',
  /** A webhook's secrets are the Secrets Manager secret `{prefix}{webhook}`. */
  webhookSecretPrefix: 'WEBHOOK_SECRET_PREFIX',
  /** The Secrets Manager secret that the stack's own keys are derived from (`keys.ts`). */
  keySecret: 'KEY_SECRET',
  /** By how many seconds the clocks of two containers may differ. Leases and quiet periods are longer by this much. */
  clockSkewSeconds: 'CLOCK_SKEW_SECONDS',
  batchesTable: 'BATCHES_TABLE',
  commandQueueUrl: 'COMMAND_QUEUE_URL',
  deadCommandQueueUrl: 'DEAD_COMMAND_QUEUE_URL',
  /** After how many deliveries SQS itself gives up a command. */
  mostReceives: 'COMMAND_MOST_RECEIVES',
  eventBus: 'EVENT_BUS',
  deadOutcomeQueueUrl: 'DEAD_OUTCOME_QUEUE_URL',
  waitingTasksTable: 'WAITING_TASKS_TABLE',
} as const;

/** The files beside a function's bundle that hold the declared connections and webhooks (no credentials). */
export const CONNECTIONS_FILE = 'connections.json';
export const WEBHOOKS_FILE = 'webhooks.json';

/** The files beside the bundles of the functions that serve them: the API's OpenAPI document, and its page for readers. */
export const OPENAPI_FILE = 'openapi.json';
export const DOCS_FILE = 'docs.json';

type Name = (typeof ENVIRONMENT)[keyof typeof ENVIRONMENT];

/** Returns the value of a variable that the stack sets. Throws, naming it, if the function was deployed without it. */
export function fromEnvironment(name: Name, environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment[name];
  if (value === undefined || value === '')
    throw new Error(`The environment variable ${name} is not set; see infra/functions.ts.`);
  return value;
}

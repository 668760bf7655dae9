import { EXPORT_FUNCTIONS } from './export-functions.ts';
import type { Scope } from '../functions/access/scopes.ts';
import { DOCS_FILE, OPENAPI_FILE } from '../functions/runtime/environment.ts';
import { DROP_IN_FUNCTIONS } from './drop-in-functions.ts';
import type { FunctionRow, Route } from './function-row.ts';

/**
 * THE table: every deployed Lambda, one row each. A row and the file `functions/<name>.ts` belong together; a test fails if one exists
 * without the other. The stack gives a function what its row says, and nothing else.
 */
export const FUNCTIONS: readonly FunctionRow[] = [
  {
    name: 'authorize',
    purpose: 'Identifies the caller of every route that needs an access token. If it fails, no caller gets in.',
    trigger: { kind: 'authorizer' },
    timeoutSeconds: 10,
    tables: { accessTokens: ['GetItem'] },
    connections: 'none',
  },
  {
    name: 'cancel-order',
    purpose: 'Cancels one order at its provider, once. If it fails, callers have to ask again, which is safe.',
    trigger: { kind: 'route', route: 'POST /v1/connections/{connection}/orders/{orderId}/cancel', access: 'cancel' },
    // An HTTP API waits for 30 s, including the authorizer and a cold start. This leaves time for the reply.
    timeoutSeconds: 27,
    tables: {
      ledger: ['GetItem', 'PutItem'],
      idempotencyKeys: ['PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
    },
    connections: 'credentials',
  },
  {
    name: 'cancel-orders',
    purpose:
      'Queues many orders of one connection to be cancelled. If it fails, callers have to ask for their batches again.',
    trigger: { kind: 'route', route: 'POST /v1/connections/{connection}/orders/cancel', access: 'cancel' },
    timeoutSeconds: 27,
    tables: { batches: ['PutItem'] },
    queues: ['commands'],
    connections: 'declared',
  },
  {
    name: 'cancel-queued-orders',
    purpose: 'Cancels the orders that the queue, events and batches ask for. If it fails, they wait in the queue.',
    trigger: { kind: 'queue', queue: 'commands', batchSize: 10, containers: 2 },
    // Time for ten orders of one connection in two lanes. The settler does those that there is no time left for.
    timeoutSeconds: 120,
    tables: {
      ledger: ['GetItem', 'PutItem'],
      idempotencyKeys: ['PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
      batches: ['PutItem'],
    },
    queues: ['commands', 'deadCommands'],
    connections: 'credentials',
  },
  {
    name: 'get-batch',
    purpose: 'Shows what became of the orders of a batch. If it fails, callers cannot follow their batches.',
    trigger: { kind: 'route', route: 'GET /v1/batches/{batchId}', access: 'read' },
    timeoutSeconds: 20,
    tables: { batches: ['Query'], ledger: ['BatchGetItem'] },
    connections: 'none',
  },
  {
    name: 'run-cancel-task',
    purpose:
      'Cancels one order for Step Functions and other direct callers. If it fails, the steps that invoke it fail.',
    trigger: { kind: 'direct' },
    timeoutSeconds: 60,
    tables: {
      ledger: ['GetItem', 'PutItem'],
      idempotencyKeys: ['PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
      waitingTasks: ['PutItem'],
    },
    answersTasks: true,
    connections: 'credentials',
  },
  {
    name: 'publish-outcomes',
    purpose: 'Publishes outcomes from the ledger to the event bus. If it fails, subscribers receive them later.',
    trigger: { kind: 'stream' },
    timeoutSeconds: 60,
    tables: {},
    queues: ['deadOutcomes'],
    publishes: true,
    connections: 'none',
  },
  {
    name: 'answer-waiting-tasks',
    purpose: 'Sends waiting state machines the outcome of their operation. If it fails, they wait longer.',
    trigger: { kind: 'stream' },
    timeoutSeconds: 60,
    tables: { waitingTasks: ['Query', 'PutItem'] },
    queues: ['deadOutcomes'],
    answersTasks: true,
    connections: 'none',
  },
  {
    name: 'restore-cancelled-order',
    purpose:
      'Restores one cancelled order: makes it active again, once. If it fails, callers have to ask again, which is safe.',
    trigger: {
      kind: 'route',
      route: 'POST /v1/connections/{connection}/cancelled-orders/{orderId}/restore',
      access: 'restore',
    },
    timeoutSeconds: 27,
    tables: {
      ledger: ['GetItem', 'PutItem'],
      idempotencyKeys: ['PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
    },
    connections: 'credentials',
  },
  {
    name: 'delete-cancelled-order',
    purpose: 'Deletes one cancelled order for good, once. If it fails, callers have to ask again, which is safe.',
    trigger: {
      kind: 'route',
      route: 'DELETE /v1/connections/{connection}/cancelled-orders/{orderId}',
      access: 'delete',
    },
    timeoutSeconds: 27,
    tables: {
      ledger: ['GetItem', 'PutItem'],
      idempotencyKeys: ['GetItem', 'PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
    },
    connections: 'credentials',
  },
  {
    name: 'list-cancelled-orders',
    purpose:
      'Lists the cancelled orders of one connection or of all. If it fails, nobody sees which orders are cancelled.',
    trigger: {
      kind: 'route',
      route: 'GET /v1/cancelled-orders',
      also: ['GET /v1/connections/{connection}/cancelled-orders'],
      access: 'read',
    },
    timeoutSeconds: 27,
    tables: { ledger: ['Query', 'BatchGetItem'], connectionHealth: ['GetItem', 'PutItem'] },
    keys: true,
    connections: 'credentials',
  },
  {
    name: 'get-cancelled-order',
    purpose: 'Shows one cancelled order as it is now. If it fails, callers cannot get the ETag that a delete needs.',
    trigger: {
      kind: 'route',
      route: 'GET /v1/connections/{connection}/cancelled-orders/{orderId}',
      access: 'read',
    },
    timeoutSeconds: 27,
    tables: { ledger: ['BatchGetItem'], connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
  },
  {
    name: 'get-order',
    purpose: "Shows an order's operations. If it fails, nobody can look up what became of an order.",
    trigger: { kind: 'route', route: 'GET /v1/connections/{connection}/orders/{orderId}', access: 'read' },
    timeoutSeconds: 10,
    tables: { ledger: ['Query'] },
    connections: 'declared',
  },
  {
    name: 'get-operation',
    purpose: 'Shows one operation. If it fails, callers who received a 202 cannot follow their operation.',
    trigger: { kind: 'route', route: 'GET /v1/operations/{operationId}', access: 'read' },
    timeoutSeconds: 10,
    tables: { ledger: ['GetItem'] },
    connections: 'none',
  },
  {
    name: 'list-operations',
    purpose: 'Lists operations by day and outcome. If it fails, operators cannot see which operations need attention.',
    trigger: { kind: 'route', route: 'GET /v1/operations', access: 'read' },
    timeoutSeconds: 10,
    tables: { ledger: ['Query', 'BatchGetItem'] },
    keys: true,
    connections: 'declared',
  },
  {
    name: 'list-connections',
    purpose: 'Lists the connections and their health. If it fails, a rejected credential is harder to notice.',
    trigger: { kind: 'route', route: 'GET /v1/connections', access: 'read' },
    timeoutSeconds: 10,
    tables: { connectionHealth: ['GetItem'] },
    connections: 'credentials',
  },
  {
    name: 'list-providers',
    purpose: 'Shows what each provider can do, and how well that is proven. If it fails, no order is affected.',
    trigger: { kind: 'route', route: 'GET /v1/providers', access: 'read' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
  },
  {
    name: 'receive-estoka-webhook',
    purpose:
      "Reads the order that Estoka's webhook names: settles its operation, or notes a cancel made elsewhere. If it fails, the settler settles it a minute later, and a cancel made elsewhere is not noted.",
    trigger: { kind: 'route', route: 'POST /v1/webhooks/estoka/{webhook}/{secret}', access: 'public' },
    timeoutSeconds: 27,
    tables: { ledger: ['GetItem', 'PutItem'], connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
    webhooks: 'estoka',
  },
  {
    name: 'receive-webhook',
    purpose:
      'Cancels the order that a signed message names, once. If it fails, the sender has to send its message again.',
    trigger: { kind: 'route', route: 'POST /v1/webhooks/standard/{webhook}', access: 'public' },
    timeoutSeconds: 27,
    tables: {
      ledger: ['GetItem', 'PutItem'],
      idempotencyKeys: ['PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
    },
    connections: 'credentials',
    webhooks: 'standard',
  },
  {
    name: 'receive-shopify-webhook',
    purpose:
      'Records that an order was cancelled at Shopify; the settler then cancels it at its provider. If it fails, Shopify sends the webhook again, for four hours.',
    trigger: { kind: 'route', route: 'POST /v1/webhooks/shopify/{webhook}', access: 'public' },
    // Shopify itself waits for five seconds.
    timeoutSeconds: 10,
    tables: { ledger: ['GetItem', 'PutItem'], idempotencyKeys: ['PutItem'], connectionHealth: ['GetItem'] },
    connections: 'declared',
    webhooks: 'shopify',
  },
  {
    name: 'health',
    purpose: 'Shows that the API answers. If it fails, monitors raise an alarm.',
    trigger: { kind: 'route', route: 'GET /health', access: 'public' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
  },
  {
    name: 'get-openapi',
    purpose: 'Serves the OpenAPI document. If it fails, clients cannot be generated and the page /docs is empty.',
    trigger: { kind: 'route', route: 'GET /openapi.json', access: 'public' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
    file: OPENAPI_FILE,
  },
  {
    name: 'get-docs',
    purpose: "Serves the API's documentation page. If it fails, people have to read the OpenAPI document itself.",
    trigger: { kind: 'route', route: 'GET /docs', access: 'public' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
    file: DOCS_FILE,
  },
  {
    name: 'answer-unknown-route',
    purpose: 'Answers requests that match no route, with a problem. If it fails, a mistyped URL gets a 500.',
    trigger: { kind: 'route', route: '$default', access: 'public' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
  },
  ...EXPORT_FUNCTIONS,
  {
    name: 'settle-operations',
    purpose:
      'Settles operations that are pending or unknown: finds out what became of them. If it fails, they stay open until it runs again.',
    trigger: { kind: 'schedule', everyMinutes: 1 },
    // Time for one operation of the slowest connection that can be declared (settlingTimeMs). Two runs may overlap: leases keep them apart.
    timeoutSeconds: 120,
    tables: {
      ledger: ['Query', 'PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
    },
    connections: 'credentials',
  },
  {
    name: 'watch-contradictions',
    purpose:
      'Reads confirmed cancels back at their providers. If it fails, a cancelled order that ships anyway is noticed later.',
    trigger: { kind: 'schedule', everyMinutes: 60 },
    timeoutSeconds: 300,
    tables: { ledger: ['GetItem', 'Query'], connectionHealth: ['GetItem'] },
    publishes: true,
    connections: 'credentials',
  },
  {
    name: 'cancel-unpaid-orders',
    purpose:
      'Cancels unpaid orders of connections that have a rule for them. If it fails, these orders hold their stock for an hour longer.',
    trigger: { kind: 'schedule', everyMinutes: 60 },
    timeoutSeconds: 300,
    tables: { ledger: ['GetItem', 'PutItem'], connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
  },
  ...DROP_IN_FUNCTIONS,
];

/** Returns every route that a function answers; none if it has another trigger. */
export function routesOf({ trigger }: FunctionRow): readonly { route: Route; access: Scope | 'public' }[] {
  if (trigger.kind !== 'route') return [];
  return [trigger.route, ...(trigger.also ?? [])].map((route) => ({ route, access: trigger.access }));
}

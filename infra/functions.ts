import { EXPORT_FUNCTIONS } from './export-functions.ts';
import { DOCS_FILE, OPENAPI_FILE } from '../functions/runtime/environment.ts';
import { DROP_IN_FUNCTIONS } from './drop-in-functions.ts';
import type { FunctionRow, Route, Scope } from './function-row.ts';

/**
 * THE table: every deployed Lambda, one row each. A row and the file `functions/<name>.ts` belong together; a test
 * fails when one is there without the other. The stack gives a function what its row says, and nothing else.
 */
export const FUNCTIONS: readonly FunctionRow[] = [
  {
    name: 'authorize',
    purpose: 'Says who calls, for every route with a token. When it fails, no caller gets in.',
    trigger: { kind: 'authorizer' },
    timeoutSeconds: 10,
    tables: { accessTokens: ['GetItem'] },
    connections: 'none',
  },
  {
    name: 'cancel-order',
    purpose: 'Cancels one order at its provider, once. When it fails, whoever cancels an order has to ask again.',
    trigger: { kind: 'route', route: 'POST /v1/connections/{connection}/orders/{orderId}/cancel', access: 'cancel' },
    // An HTTP API waits for 30 s, the authorizer and a cold start included: the answer still gets out.
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
      'Takes many orders of a connection to be cancelled from the queue. When it fails, batches have to be asked for again.',
    trigger: { kind: 'route', route: 'POST /v1/connections/{connection}/orders/cancel', access: 'cancel' },
    timeoutSeconds: 27,
    tables: { batches: ['PutItem'] },
    queues: ['commands'],
    connections: 'declared',
  },
  {
    name: 'cancel-queued-orders',
    purpose: 'Cancels the orders that queue, events and batches ask for. When it fails, they wait in the queue.',
    trigger: { kind: 'queue', queue: 'commands', batchSize: 10, containers: 2 },
    // Ten orders of one connection in two lanes; what there is no time left for, it leaves to the settler.
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
    purpose: 'Shows what became of the orders of a batch. When it fails, who asked for one cannot follow it.',
    trigger: { kind: 'route', route: 'GET /v1/batches/{batchId}', access: 'read' },
    timeoutSeconds: 20,
    tables: { batches: ['Query'], ledger: ['BatchGetItem'] },
    connections: 'none',
  },
  {
    name: 'run-cancel-task',
    purpose: 'Cancels one order for Step Functions and whoever else invokes it. When it fails, their steps fail.',
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
    purpose: 'Publishes outcomes from the ledger to the event bus. When it fails, subscribers hear of them later.',
    trigger: { kind: 'stream' },
    timeoutSeconds: 60,
    tables: {},
    queues: ['deadOutcomes'],
    publishes: true,
    connections: 'none',
  },
  {
    name: 'answer-waiting-tasks',
    purpose: 'Tells waiting state machines how their operation ended. When it fails, they wait longer.',
    trigger: { kind: 'stream' },
    timeoutSeconds: 60,
    tables: { waitingTasks: ['Query', 'PutItem'] },
    queues: ['deadOutcomes'],
    answersTasks: true,
    connections: 'none',
  },
  {
    name: 'restore-cancelled-order',
    purpose: 'Makes one cancelled order active again, once. When it fails, whoever restores an order has to ask again.',
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
    purpose: 'Deletes one cancelled order for good, once. When it fails, whoever deletes an order has to ask again.',
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
    purpose: 'Lists cancelled orders of one connection or of all. When it fails, nobody sees what is cancelled.',
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
    purpose: 'Shows one cancelled order as it is now. When it fails, nobody gets the ETag that a delete wants.',
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
    purpose: "Shows an order's operations. When it fails, nobody can look up what became of an order.",
    trigger: { kind: 'route', route: 'GET /v1/connections/{connection}/orders/{orderId}', access: 'read' },
    timeoutSeconds: 10,
    tables: { ledger: ['Query'] },
    connections: 'declared',
  },
  {
    name: 'get-operation',
    purpose: 'Shows one operation. When it fails, callers who were told 202 cannot follow their operation.',
    trigger: { kind: 'route', route: 'GET /v1/operations/{operationId}', access: 'read' },
    timeoutSeconds: 10,
    tables: { ledger: ['GetItem'] },
    connections: 'none',
  },
  {
    name: 'list-operations',
    purpose: 'Lists the ledger by day and outcome. When it fails, operators cannot see what needs attention.',
    trigger: { kind: 'route', route: 'GET /v1/operations', access: 'read' },
    timeoutSeconds: 10,
    tables: { ledger: ['Query', 'BatchGetItem'] },
    keys: true,
    connections: 'declared',
  },
  {
    name: 'export-operations',
    purpose: 'Exports operations as a workbook or as CSV. If it fails, nobody gets the ledger as a file.',
    trigger: { kind: 'route', route: 'GET /v1/operations/export', access: 'read' },
    timeoutSeconds: 27,
    tables: { ledger: ['Query', 'BatchGetItem'] },
    connections: 'declared',
  },
  {
    name: 'list-connections',
    purpose: 'Lists the connections and their health. When it fails, a rejected credential is harder to see.',
    trigger: { kind: 'route', route: 'GET /v1/connections', access: 'read' },
    timeoutSeconds: 10,
    tables: { connectionHealth: ['GetItem'] },
    connections: 'credentials',
  },
  {
    name: 'list-providers',
    purpose: 'Says what each provider can do, and how sure we are. When it fails, only curiosity suffers.',
    trigger: { kind: 'route', route: 'GET /v1/providers', access: 'read' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
  },
  {
    name: 'receive-estoka-webhook',
    purpose:
      "Follows Estoka's hints: settles what they are about, notes cancels made elsewhere. When it fails, the settler finds out a minute later, and a cancel made elsewhere is not noted.",
    trigger: { kind: 'route', route: 'POST /v1/webhooks/estoka/{webhook}/{secret}', access: 'public' },
    timeoutSeconds: 27,
    tables: { ledger: ['GetItem', 'PutItem'], connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
    webhooks: 'estoka',
  },
  {
    name: 'receive-webhook',
    purpose:
      'Cancels the order that a signed message names, once. When it fails, the sender has to send its message again.',
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
      'Keeps the cancel of an order that was cancelled at Shopify, for the settler to carry out. When it fails, Shopify sends it again, for four hours.',
    trigger: { kind: 'route', route: 'POST /v1/webhooks/shopify/{webhook}', access: 'public' },
    // Shopify itself waits for five seconds.
    timeoutSeconds: 10,
    tables: { ledger: ['GetItem', 'PutItem'], idempotencyKeys: ['PutItem'], connectionHealth: ['GetItem'] },
    connections: 'declared',
    webhooks: 'shopify',
  },
  {
    name: 'health',
    purpose: 'Says that the API answers. When it fails, monitors raise an alarm.',
    trigger: { kind: 'route', route: 'GET /health', access: 'public' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
  },
  {
    name: 'get-openapi',
    purpose: "Serves the API's document. When it fails, clients cannot be generated and the page of it is empty.",
    trigger: { kind: 'route', route: 'GET /openapi.json', access: 'public' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
    file: OPENAPI_FILE,
  },
  {
    name: 'get-docs',
    purpose: "Serves the page of the API's document. When it fails, people have to read the document itself.",
    trigger: { kind: 'route', route: 'GET /docs', access: 'public' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
    file: DOCS_FILE,
  },
  {
    name: 'answer-unknown-route',
    purpose: 'Answers what no route takes, as a problem. When it fails, a mistyped URL gets a 500.',
    trigger: { kind: 'route', route: '$default', access: 'public' },
    timeoutSeconds: 10,
    tables: {},
    connections: 'none',
  },
  ...EXPORT_FUNCTIONS,
  {
    name: 'settle-operations',
    purpose:
      'Drives what is pending or unknown to a proven end. When it fails, lost answers stay lost until it runs again.',
    trigger: { kind: 'schedule', everyMinutes: 1 },
    // Room for one operation of the slowest connection that can be declared (settlingTimeMs). Two runs may overlap: leases keep them apart.
    timeoutSeconds: 120,
    tables: {
      ledger: ['Query', 'PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
    },
    connections: 'credentials',
  },
  {
    name: 'watch-contradictions',
    purpose: 'Reads confirmed cancels back. When it fails, an order that ships all the same is noticed later.',
    trigger: { kind: 'schedule', everyMinutes: 60 },
    timeoutSeconds: 300,
    tables: { ledger: ['GetItem', 'Query'], connectionHealth: ['GetItem'] },
    publishes: true,
    connections: 'credentials',
  },
  {
    name: 'cancel-unpaid-orders',
    purpose:
      'Cancels orders that nobody pays, where a connection has a rule for it. When it fails, they hold their stock for an hour longer.',
    trigger: { kind: 'schedule', everyMinutes: 60 },
    timeoutSeconds: 300,
    tables: { ledger: ['GetItem', 'PutItem'], connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
  },
  ...DROP_IN_FUNCTIONS,
];

/** Every route that a function answers; none where it has another trigger. */
export function routesOf({ trigger }: FunctionRow): readonly { route: Route; access: Scope | 'public' }[] {
  if (trigger.kind !== 'route') return [];
  return [trigger.route, ...(trigger.also ?? [])].map((route) => ({ route, access: trigger.access }));
}

import { DOCS_FILE, OPENAPI_FILE } from '../functions/runtime/environment.ts';

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
      ledger: ['GetItem', 'Query', 'PutItem'],
      idempotencyKeys: ['PutItem'],
      connectionHealth: ['GetItem', 'PutItem'],
    },
    connections: 'credentials',
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
      ledger: ['GetItem', 'Query', 'PutItem'],
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
      ledger: ['GetItem', 'Query', 'PutItem'],
      idempotencyKeys: ['PutItem'],
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
    tables: { ledger: ['BatchGetItem'] },
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
    tables: { ledger: ['Query'] },
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
    tables: { ledger: ['GetItem', 'Query', 'PutItem'], connectionHealth: ['GetItem', 'PutItem'] },
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
      ledger: ['GetItem', 'Query', 'PutItem'],
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
    tables: { ledger: ['GetItem', 'PutItem'], idempotencyKeys: ['PutItem'] },
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
];

export interface FunctionRow {
  /** The name of its file in `functions/`, of the deployed function, and in its logs. */
  readonly name: string;
  /** What it does, and whom a failure hurts. */
  readonly purpose: string;
  readonly trigger: Trigger;
  readonly timeoutSeconds: number;
  readonly tables: Readonly<Partial<Record<TableName, readonly TableAction[]>>>;
  /** `declared`: knows the connections; `credentials`: may read their secrets as well. */
  readonly connections: 'none' | 'declared' | 'credentials';
  /** Knows the declared webhooks, and may read the secrets of those of this kind. */
  readonly webhooks?: 'estoka' | 'standard' | 'shopify';
  /** What is made with the bundles and lies beside this one. */
  readonly file?: BundledFile;
}

export type BundledFile = typeof OPENAPI_FILE | typeof DOCS_FILE;

export type Trigger =
  | {
      readonly kind: 'route';
      readonly route: Route;
      /** Further routes of the same function, with the same access. */
      readonly also?: readonly Route[];
      readonly access: Scope | 'public';
    }
  | { readonly kind: 'authorizer' }
  | { readonly kind: 'schedule'; readonly everyMinutes: number };

export type Route = `${'GET' | 'POST' | 'DELETE'} /${string}` | '$default';

/** Every route that a function answers; none where it has another trigger. */
export function routesOf({ trigger }: FunctionRow): readonly { route: Route; access: Scope | 'public' }[] {
  if (trigger.kind !== 'route') return [];
  return [trigger.route, ...(trigger.also ?? [])].map((route) => ({ route, access: trigger.access }));
}

/** What a caller's token must allow; the function itself refuses who lacks it. */
export type Scope = 'cancel' | 'read' | 'restore' | 'delete' | 'personal-data' | 'admin';

export const TABLE_NAMES = ['ledger', 'idempotencyKeys', 'connectionHealth', 'accessTokens'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** DeleteItem is missing on purpose: no function may delete what happened. */
export type TableAction = 'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem';

import type { FunctionRow } from './function-row.ts';

/** The rights of every function that takes an ask over HTTP, in any dialect. */
const ASK = {
  timeoutSeconds: 27,
  tables: {
    ledger: ['GetItem', 'PutItem'],
    idempotencyKeys: ['PutItem'],
    connectionHealth: ['GetItem', 'PutItem'],
  },
  connections: 'credentials',
} as const satisfies Partial<FunctionRow>;

/** The part of the table (`functions.ts`) with the providers' own routes, in their dialects. */
export const DROP_IN_FUNCTIONS: readonly FunctionRow[] = [
  {
    name: 'cancel-estoka-order',
    purpose:
      "Cancels one order, once, for callers of Estoka's own endpoint. If it fails, these integrations cannot cancel orders.",
    trigger: {
      kind: 'route',
      route: 'POST /api/v1/organizations/{organization_id}/orders/{order_id}/cancel',
      access: 'cancel',
    },
    ...ASK,
  },
  {
    name: 'cancel-ngorder-order',
    purpose:
      "Cancels one order, once, for callers of ngorder's own endpoint. If it fails, these integrations cannot cancel orders.",
    trigger: { kind: 'route', route: 'POST /api/open/order/cancel', access: 'cancel' },
    ...ASK,
  },
  {
    name: 'list-ngorder-cancelled-orders',
    purpose:
      "Lists cancelled orders for callers of ngorder's own endpoint. If it fails, these integrations see no cancelled orders.",
    trigger: { kind: 'route', route: 'GET /api/open/order-cancel', access: 'read' },
    timeoutSeconds: 27,
    tables: { connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
  },
  {
    name: 'download-ngorder-cancelled-orders',
    purpose:
      "Makes a workbook of cancelled orders for callers of ngorder's own endpoint. If it fails, they get no file.",
    trigger: { kind: 'route', route: 'GET /api/open/order-cancel/download', access: 'read' },
    timeoutSeconds: 27,
    tables: { connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
  },
  {
    name: 'restore-ngorder-cancelled-order',
    purpose:
      "Restores one cancelled order, once, for callers of ngorder's own endpoint. If it fails, they cannot restore orders.",
    trigger: { kind: 'route', route: 'POST /api/open/order-cancel/return', access: 'restore' },
    ...ASK,
  },
  {
    name: 'delete-ngorder-cancelled-order',
    purpose:
      "Deletes one cancelled order for good, once, for callers of ngorder's own endpoint. If it fails, they cannot delete orders.",
    trigger: { kind: 'route', route: 'DELETE /api/open/order-cancel/{order_id}', access: 'delete' },
    ...ASK,
    tables: { ...ASK.tables, idempotencyKeys: ['GetItem', 'PutItem'] },
  },
];

import type { FunctionRow } from './function-row.ts';

/** What an ask over HTTP is given, whatever dialect it comes in. */
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
      "Cancels one order, once, for who calls Estoka's own endpoint. When it fails, integrations with Estoka cannot cancel.",
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
      "Cancels one order, once, for who calls ngorder's own endpoint. When it fails, integrations with ngorder cannot cancel.",
    trigger: { kind: 'route', route: 'POST /api/open/order/cancel', access: 'cancel' },
    ...ASK,
  },
  {
    name: 'list-ngorder-cancelled-orders',
    purpose: "Lists cancelled orders for who calls ngorder's own endpoint. When it fails, such integrations see none.",
    trigger: { kind: 'route', route: 'GET /api/open/order-cancel', access: 'read' },
    timeoutSeconds: 27,
    tables: { connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
  },
  {
    name: 'download-ngorder-cancelled-orders',
    purpose:
      "Makes a workbook of cancelled orders for who calls ngorder's own endpoint. When it fails, they get no file.",
    trigger: { kind: 'route', route: 'GET /api/open/order-cancel/download', access: 'read' },
    timeoutSeconds: 27,
    tables: { connectionHealth: ['GetItem', 'PutItem'] },
    connections: 'credentials',
  },
  {
    name: 'restore-ngorder-cancelled-order',
    purpose:
      "Makes one cancelled order active again, once, for who calls ngorder's own endpoint. When it fails, they cannot.",
    trigger: { kind: 'route', route: 'POST /api/open/order-cancel/return', access: 'restore' },
    ...ASK,
  },
  {
    name: 'delete-ngorder-cancelled-order',
    purpose:
      "Deletes one cancelled order for good, once, for who calls ngorder's own endpoint. When it fails, they cannot.",
    trigger: { kind: 'route', route: 'DELETE /api/open/order-cancel/{order_id}', access: 'delete' },
    ...ASK,
    tables: { ...ASK.tables, idempotencyKeys: ['GetItem', 'PutItem'] },
  },
];

import type { FunctionRow } from './function-row.ts';

/** The rows of THE table (`functions.ts`) whose functions export cancelled orders and operations. */
export const EXPORT_FUNCTIONS: readonly FunctionRow[] = [
  {
    name: 'export-cancelled-orders',
    purpose: 'Exports cancelled orders as a workbook. If it fails, callers cannot export; daily exports still run.',
    trigger: {
      kind: 'route',
      route: 'GET /v1/cancelled-orders/export',
      also: ['GET /v1/connections/{connection}/cancelled-orders/export'],
      access: 'read',
    },
    timeoutSeconds: 27,
    tables: {
      ledger: ['Query', 'BatchGetItem'],
      connectionHealth: ['GetItem', 'PutItem'],
      exportJobs: ['GetItem', 'PutItem'],
    },
    exportsBucket: ['GetObject', 'PutObject'],
    connections: 'credentials',
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
    name: 'get-export',
    purpose: 'Shows the progress of an export. If it fails, callers cannot get the file of a large one.',
    trigger: { kind: 'route', route: 'GET /v1/exports/{exportId}', access: 'read' },
    timeoutSeconds: 10,
    tables: { exportJobs: ['GetItem'] },
    // A link that this function signs allows no more than the function itself may do.
    exportsBucket: ['GetObject'],
    connections: 'none',
  },
  {
    name: 'run-exports',
    purpose: 'Works on large and daily exports, step by step. If it fails, they wait until it runs again.',
    trigger: { kind: 'schedule', everyMinutes: 1 },
    // Runs overlap: each works on exports that no other run has taken.
    timeoutSeconds: 900,
    tables: {
      ledger: ['Query', 'BatchGetItem'],
      connectionHealth: ['GetItem', 'PutItem'],
      exportJobs: ['Query', 'PutItem', 'UpdateItem'],
    },
    exportsBucket: ['GetObject', 'PutObject', 'AbortMultipartUpload'],
    connections: 'credentials',
  },
  {
    name: 'start-daily-exports',
    purpose: "Starts the export of each connection's previous day. If it fails, the run of the next hour starts it.",
    trigger: { kind: 'schedule', everyMinutes: 60 },
    timeoutSeconds: 60,
    tables: { exportJobs: ['PutItem'] },
    connections: 'declared',
  },
];

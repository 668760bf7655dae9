import type { FunctionRow } from './function-row.ts';

/** The rows of THE table (`functions.ts`) whose functions export cancelled orders. */
export const EXPORT_FUNCTIONS: readonly FunctionRow[] = [
  {
    name: 'export-cancelled-orders',
    purpose: 'Exports cancelled orders as a workbook. When it fails, nobody gets one by asking.',
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
    name: 'get-export',
    purpose: 'Shows how far an export has come. When it fails, nobody gets the file of a large one.',
    trigger: { kind: 'route', route: 'GET /v1/exports/{exportId}', access: 'read' },
    timeoutSeconds: 10,
    tables: { exportJobs: ['GetItem'] },
    // A link that it signs can do no more than it may itself.
    exportsBucket: ['GetObject'],
    connections: 'none',
  },
  {
    name: 'run-exports',
    purpose: 'Works on large and daily exports, step by step. When it fails, they wait until it runs again.',
    trigger: { kind: 'schedule', everyMinutes: 1 },
    // Runs overlap: each works on exports that no other one has.
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
    purpose: "Starts the export of each connection's previous day. When it fails, the next hour's run makes up for it.",
    trigger: { kind: 'schedule', everyMinutes: 60 },
    timeoutSeconds: 60,
    tables: { exportJobs: ['PutItem'] },
    connections: 'declared',
  },
];

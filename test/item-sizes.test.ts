import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createAccessTokens } from '../functions/access/tokens.ts';
import { SCOPES } from '../functions/access/scopes.ts';
import { createBatches } from '../functions/batches/batches.ts';
import { scopedKey } from '../functions/idempotency/idempotency-key.ts';
import { createLedger } from '../functions/operations/ledger/ledger.ts';
import { LONGEST_ACTOR, LONGEST_NOTE } from '../functions/operations/ask-fields.ts';
import { PROVIDERS } from '../functions/providers/registry.ts';
import { createWaitingTasks } from '../functions/tasks/waiting-tasks.ts';
import type { TableName } from '../infra/function-row.ts';
import { CONFIRMED, handClock } from './operations/world.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { LARGEST_ITEM, weighingClient } from './support/item-bytes.ts';

/** A character that is long in bytes and short in JavaScript's units. */
const WIDE = '漢';
/** No provider's order id is longer. */
const LONGEST_ORDER_ID = 32;
const connection = 'c'.repeat(63);
const AT = '2026-03-01T12:00:00.000Z';

/** Writes the largest item that a table can get. Or the test that weighs its items. */
const LARGEST: Record<
  TableName,
  string | ((client: DynamoDBClient, tables: TestDynamoDB['tables']) => Promise<unknown>)
> = {
  ledger: 'operations/item-size.test.ts',
  connectionHealth: 'operations/accounts.test.ts',
  exportJobs: 'exports/export-job.test.ts',

  idempotencyKeys: (client, tables) => {
    const ledger = createLedger({ dynamodb: client, tables, clock: handClock() });
    const key = { key: scopedKey('x'.repeat(60), WIDE.repeat(255)), fingerprint: scopedKey('', '') };
    return ledger.bindKey(key, { ...CONFIRMED, connection, orderId: '9'.repeat(LONGEST_ORDER_ID), number: 2 ** 50 });
  },

  batches: async (client, tables) => {
    const batches = createBatches({ dynamodb: client, table: tables.batches });
    const batch = {
      id: 'x'.repeat(24),
      connection,
      provider: 'p'.repeat(20),
      dryRun: false,
      orderIds: Array.from({ length: 1_000 }, (_, at) => String(at).padStart(LONGEST_ORDER_ID, '1')),
      reason: 'inventory' as const,
      note: WIDE.repeat(LONGEST_NOTE),
      actor: WIDE.repeat(LONGEST_ACTOR),
      fingerprint: 'x'.repeat(43),
      requestedAt: AT,
      queuedAt: null,
    };
    await batches.open(batch);
    await batches.markQueued(batch, AT);
  },

  waitingTasks: (client, tables) => {
    const tasks = createWaitingTasks({ dynamodb: client, table: tables.waitingTasks, clock: handClock() });
    return tasks.markAnswered(`${connection}:${'9'.repeat(LONGEST_ORDER_ID)}:1`, WIDE.repeat(2_048));
  },

  accessTokens: (client, tables) => {
    const connections = Array.from({ length: 100 }, () => connection);
    const tokens = createAccessTokens({ dynamodb: client, table: tables.accessTokens, clock: handClock() });
    return tokens.create({ name: 'x'.repeat(60), scopes: [...SCOPES], connections, expiresAt: AT });
  },
};

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

describe('the largest item of the table', () => {
  it.each(Object.entries(LARGEST))('%s is below a tenth of what DynamoDB takes', async (_name, largest) => {
    if (typeof largest === 'string') {
      expect(existsSync(join(import.meta.dirname, largest))).toBe(true);
      return;
    }
    const { client, sizes } = weighingClient(dynamodb.endpoint);
    await largest(client, dynamodb.tables);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST_ITEM);
    client.destroy();
  });
});

it.each([...PROVIDERS.values()].map((provider) => [provider.name, provider] as const))(
  'an order id of %s is short enough for a thousand of them in a batch',
  (_name, { orderId: { pattern } }) => {
    const ids = fc.sample(fc.stringMatching(pattern), 1_000);
    expect(Math.max(...ids.map(({ length }) => length))).toBeLessThanOrEqual(LONGEST_ORDER_ID);
  },
);

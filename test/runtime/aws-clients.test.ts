import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { LEDGER_WRITE_MS } from '../../functions/operations/budget.ts';
import { createDynamoDB } from '../../functions/runtime/dynamodb.ts';
import { createEventBridge } from '../../functions/runtime/eventbridge.ts';
import { createS3 } from '../../functions/runtime/s3.ts';
import { createSecretsManager } from '../../functions/runtime/secrets.ts';
import { createSqs } from '../../functions/runtime/sqs.ts';
import { createStepFunctions } from '../../functions/runtime/step-functions.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import type { FunctionRow } from '../../infra/function-row.ts';

/** The pauses between three attempts, at the longest: the SDK's base is 100 ms, 500 ms after a throttling, and doubles. */
const LONGEST_PAUSES_MS = 1_000;

type Client = ReturnType<typeof createDynamoDB | typeof createSqs | typeof createS3>;
interface Row {
  name: string;
  create: () => unknown;
  requestMs: number;
  usedBy: (row: FunctionRow) => boolean;
}

const CLIENTS: Row[] = [
  {
    name: 'DynamoDB',
    create: createDynamoDB,
    requestMs: 3_000,
    usedBy: ({ tables }) => Object.keys(tables).length > 0,
  },
  {
    name: 'Secrets Manager',
    create: createSecretsManager,
    requestMs: 3_000,
    usedBy: ({ connections, keys }) => connections === 'credentials' || keys === true,
  },
  { name: 'SQS', create: createSqs, requestMs: 3_000, usedBy: ({ queues = [] }) => queues.length > 0 },
  { name: 'EventBridge', create: createEventBridge, requestMs: 5_000, usedBy: ({ publishes }) => publishes === true },
  {
    name: 'Step Functions',
    create: createStepFunctions,
    requestMs: 5_000,
    usedBy: ({ answersTasks }) => answersTasks === true,
  },
  // A part of five megabytes goes with one request; exports that are made at once are small.
  { name: 'S3', create: createS3, requestMs: 30_000, usedBy: ({ name }) => name === 'run-exports' },
];

async function limitsOf(create: () => unknown) {
  process.env['AWS_REGION'] ??= 'us-east-1';
  const client = create() as Client;
  // The handler's settings are there once it was used: here they are waited for.
  const { requestHandler } = client.config as unknown as { requestHandler: { configProvider: Promise<object> } };
  return { attempts: await client.config.maxAttempts(), ...(await requestHandler.configProvider) };
}

describe.each(CLIENTS)('the client of $name', ({ create, requestMs, usedBy }) => {
  it('makes three attempts, each of which ends by itself', async () => {
    expect(await limitsOf(create)).toMatchObject({
      attempts: 3,
      connectionTimeout: 1_000,
      requestTimeout: requestMs,
      // Without it the SDK only warns when the time is over, and goes on waiting.
      throwOnRequestTimeout: true,
    });
  });

  it('gives up before the shortest of its functions ends, so that its caller hears of it', () => {
    const shortestMs = Math.min(...FUNCTIONS.filter(usedBy).map(({ timeoutSeconds }) => timeoutSeconds * 1_000));
    expect(3 * requestMs + LONGEST_PAUSES_MS).toBeLessThanOrEqual(shortestMs);
  });
});

describe('a request to DynamoDB that hangs', () => {
  let server: Server;
  const restore = { ...process.env };
  afterEach(() => {
    process.env = { ...restore };
    server.closeAllConnections();
    server.close();
  });

  it('is repeated, and answered within the time that is kept back for the ledger’s write', async () => {
    let requests = 0;
    server = createServer((_request, response) => {
      requests += 1;
      if (requests > 1)
        response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"Item":{"a":{"S":"b"}}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    const client = createDynamoDB();
    const began = performance.now();
    const get = new GetItemCommand({ TableName: 'Ledger', Key: { order: { S: 'x' } } });
    const answer = await Promise.race([
      client.send(get),
      setTimeout(2 * LEDGER_WRITE_MS, 'it still hangs', { ref: false }),
    ]);
    client.destroy();
    expect(answer).toMatchObject({ Item: { a: { S: 'b' } } });
    expect(requests).toBe(2);
    expect(performance.now() - began).toBeLessThan(LEDGER_WRITE_MS);
  });
});

import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Item } from '../../functions/operations/ledger/items.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import { clientOf, type TestDynamoDB } from '../support/dynamodb.ts';
import { handClock } from './world.ts';

export interface Request {
  command: string | undefined;
  input: unknown;
}
/** Returns what the client answers instead of the table; undefined if the table is to answer. */
export type Answer = (request: Request) => object | undefined | Promise<object>;

const BATCH = z.object({ RequestItems: z.record(z.string(), z.object({ Keys: z.array(z.custom<Item>()) })) });

const stops: (() => void)[] = [];

/** A ledger over a watched client. Its clock does not wait, and `waits` has the waits in milliseconds. */
export function watchedLedger(
  dynamodb: Pick<TestDynamoDB, 'endpoint' | 'tables'>,
  { answer, clock = handClock() }: { answer?: Answer; clock?: ReturnType<typeof handClock> } = {},
) {
  const { client, requests } = watchedClient(dynamodb, answer);
  const waits: number[] = [];
  clock.sleep = (ms) => {
    waits.push(ms);
    return Promise.resolve();
  };
  return { ledger: createLedger({ dynamodb: client, tables: dynamodb.tables, clock }), requests, waits };
}

/** Closes all watched clients. Call it after each test. */
export function stopWatching(): void {
  for (const stop of stops.splice(0)) stop();
}

/** A client of the embedded DynamoDB that keeps its requests. A test may answer them in the table's place. */
function watchedClient({ endpoint }: Pick<TestDynamoDB, 'endpoint'>, answer: Answer = () => undefined) {
  const requests: Request[] = [];
  const client = clientOf(endpoint);
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const request = { command: commandName, input: args.input };
        requests.push(request);
        if (requests.length > 1_000) throw new Error('It is asked for ever.');
        const answered = await answer(request);
        return answered === undefined ? next(args) : { output: { $metadata: {}, ...answered }, response: {} };
      },
    { step: 'initialize', name: 'watched' },
  );
  stops.push(() => {
    client.destroy();
  });
  return { client, requests };
}

/** Returns the keys of a BatchGetItem request. Throws for any other request. */
export function keysIn({ input }: Request): Item[] {
  return Object.values(BATCH.parse(input).RequestItems).flatMap(({ Keys }) => Keys);
}

/** A DynamoDB under load: the n-th BatchGetItem request reads only `reads[n]` keys and leaves the others unread. Later ones read all. */
export function leavingUnread({ client, tables }: Pick<TestDynamoDB, 'client' | 'tables'>, reads: number[]): Answer {
  return (request) => {
    const most = reads.shift();
    return most === undefined ? undefined : part(keysIn(request), most);
  };
  async function part(keys: Item[], most: number): Promise<object> {
    const [now, later] = [keys.slice(0, most), keys.slice(most)];
    const left = { UnprocessedKeys: { [tables.ledger]: { Keys: later } } };
    if (now.length === 0) return { Responses: {}, ...left };
    const RequestItems = { [tables.ledger]: { Keys: now } };
    return { ...(await client.send(new BatchGetItemCommand({ RequestItems }))), ...left };
  }
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createMemoryDynamoDB, type MemoryDynamoDB } from './dynamodb.ts';
import { SHAPES } from './simulate.ts';
import { TABLES } from './world.ts';

// Only its `send` is called, and that is the memory's.
const sdk = new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });

/** The simulation's DynamoDB for tests of many thousand calls: an SDK's client, and the tables that operations are kept in. */
export function memoryDynamoDB(onSent: (command: object) => void = () => undefined) {
  const memory: MemoryDynamoDB = createMemoryDynamoDB(SHAPES);
  const send = (command: object): Promise<object> => {
    onSent(command);
    return Promise.resolve().then(() => memory.answer(command));
  };
  return {
    memory,
    client: Object.assign(Object.create(sdk) as DynamoDBClient, { send }),
    tables: { ...TABLES, accessTokens: 'none', batches: 'none', waitingTasks: 'none' },
  };
}

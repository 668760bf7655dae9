import type { AttributeValue, DynamoDBClient, PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import { clientOf } from './dynamodb.ts';

/** A tenth of DynamoDB's limit, in bytes (its quotas: 400 KB). */
export const LARGEST_ITEM = 40 * 1024;

/** Returns an item's size in bytes, as DynamoDB counts it (Developer Guide, "Item sizes and formats"). */
export function itemBytes(item: Readonly<Record<string, AttributeValue>>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes({ S, N, M, L }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.length / 2) + 1;
  if (M !== undefined) return 3 + Object.keys(M).length + itemBytes(M);
  if (L !== undefined) return 3 + L.reduce((sum, value) => sum + 1 + valueBytes(value), 0);
  return 1;
}

/** A client of a DynamoDB that keeps the sizes of all items that it puts. */
export function weighingClient(endpoint: string): { client: DynamoDBClient; sizes: number[] } {
  const sizes: number[] = [];
  const client = clientOf(endpoint);
  client.middlewareStack.add(
    (next) => (args) => {
      const { Item, TransactItems = [] } = args.input as PutItemCommandInput & {
        TransactItems?: { Put?: PutItemCommandInput }[];
      };
      const items = [Item, ...TransactItems.map(({ Put }) => Put?.Item)].filter((item) => item !== undefined);
      sizes.push(...items.map(itemBytes));
      return next(args);
    },
    { step: 'initialize', name: 'weighing' },
  );
  return { client, sizes };
}

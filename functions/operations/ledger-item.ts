import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { isOpen, operationSchema, type Operation } from './operation.ts';

/**
 * How operations lie in the ledger table: one item per order with its current operation (`slot` "current"), and one for each
 * earlier operation of that order (`slot` its number, padded, so that they sort). The attributes of the operation are the
 * item's own, so that a person reads them in any DynamoDB tool.
 */
export type Item = Record<string, AttributeValue>;

export const CURRENT = 'current';
export const DUE_INDEX = 'due';
export const DAY_INDEX = 'day';
/** Sparse: orders whose current operation is a confirmed cancel. */
export const CANCELLED_INDEX = 'cancelled';

export function orderKey(connection: string, orderId: string): string {
  return `${connection}:${orderId}`;
}

export function currentKey(connection: string, orderId: string): Item {
  return { order: { S: orderKey(connection, orderId) }, slot: { S: CURRENT } };
}

/** Where the operation with an id of `operationId` may lie: as its order's current one, or among the earlier ones. */
export function keysOf(id: string): { current: Item; earlier: Item } {
  const end = id.lastIndexOf(':');
  const order = { S: id.slice(0, end) };
  return { current: { order, slot: { S: CURRENT } }, earlier: { order, slot: { S: paddedSlot(id.slice(end + 1)) } } };
}

/** The item of an order's current operation. Only what is open lies in the sparse index of what is due. */
export function currentItem(operation: Operation): Item {
  return {
    ...itemOf(operation, CURRENT),
    ...(isOpen(operation) ? { dueConnection: { S: operation.connection } } : {}),
    ...(operation.kind === 'cancel' && operation.state === 'confirmed'
      ? {
          cancelledConnection: { S: operation.connection },
          listedAt: { S: listedKey(listedAtOf(operation), operation.orderId) },
        }
      : {}),
  };
}

/** By what time a cancelled order is listed: when it was ordered, where that was shown, else when its cancel was confirmed. */
export function listedAtOf({ snapshot, settledAt }: Operation & { state: 'confirmed' }): string {
  return snapshot?.orderedAt ?? settledAt;
}

export function listedKey(listedAt: string, orderId: string): string {
  return `${listedAt}#${orderId}`;
}

/** The item of an earlier operation, which is settled. */
export function earlierItem(operation: Operation): Item {
  return itemOf(operation, paddedSlot(String(operation.number)));
}

/** The operation in an item. Throws where the item is not one of ours. */
export function operationOf(item: Item): Operation {
  return operationSchema.parse(unmarshall(item));
}

function itemOf(operation: Operation, slot: string): Item {
  return marshall(
    {
      ...wellFormed(operation),
      order: orderKey(operation.connection, operation.orderId),
      slot,
      day: operation.requestedAt.slice(0, 10),
    },
    { removeUndefinedValues: true },
  );
}

/** The same with U+FFFD for every half of a surrogate pair: DynamoDB does not take one, wherever it came from. */
function wellFormed(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, wellFormedValue(member)]));
}

function wellFormedValue(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormedValue);
  return typeof value === 'object' && value !== null ? wellFormed(value) : value;
}

function paddedSlot(digits: string): string {
  return digits.padStart(6, '0');
}

/** An idempotency key, bound to the operation that its first ask was answered with. */
export const boundKeySchema = z.object({
  key: z.string(),
  fingerprint: z.string(),
  operationId: z.string(),
  expiresAt: z.number(),
});
export type BoundKey = z.infer<typeof boundKeySchema>;

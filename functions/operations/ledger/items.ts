import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { OperationUnreadable } from './errors.ts';
import { isOpen, operationSchema, type Operation } from '../rules/operation.ts';

/**
 * An item of the ledger table. Each order has one item for its current operation (`slot` is "current") and one for each earlier operation
 * (`slot` is its number, padded so that the items sort). The operation's members are attributes of the item, so that a person can read
 * them in any DynamoDB tool.
 */
export type Item = Record<string, AttributeValue>;

/**
 * The schema version of an item. It is raised when an older version of the code could misread or damage what a newer one writes; the older
 * one then leaves such items alone. A new member that older versions can keep without knowing it needs no new version. The oldest items
 * have no version.
 */
export const SCHEMA = 1;

export const CURRENT = 'current';
export const DUE_INDEX = 'due';
export const DAY_INDEX = 'day';
/** A sparse index: only orders whose current operation is a confirmed cancel. */
export const CANCELLED_INDEX = 'cancelled';

export function orderKey(connection: string, orderId: string): string {
  return `${connection}:${orderId}`;
}

export function currentKey(connection: string, orderId: string): Item {
  return { order: { S: orderKey(connection, orderId) }, slot: { S: CURRENT } };
}

/** Returns the two keys that the operation with this id may have: as its order's current operation, or as an earlier one. */
export function keysOf(id: string): { current: Item; earlier: Item } {
  const end = id.lastIndexOf(':');
  const order = { S: id.slice(0, end) };
  return { current: { order, slot: { S: CURRENT } }, earlier: { order, slot: { S: paddedSlot(id.slice(end + 1)) } } };
}

/** Returns the item of an order's current operation. Only open operations are in the sparse index of due operations. */
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

/** Returns the time by which a cancelled order is listed: when it was ordered, or if the provider did not show that, when it was settled. */
export function listedAtOf({ snapshot, settledAt }: Operation & { state: 'confirmed' }): string {
  return snapshot?.orderedAt ?? settledAt;
}

export function listedKey(listedAt: string, orderId: string): string {
  return `${listedAt}#${orderId}`;
}

/** Returns the place in the list of cancelled orders for a key of the list's index. */
export function listedPlaceOf(key: Item): { listedAt: string; orderId: string } {
  const [listedAt = '', orderId = ''] = (key['listedAt']?.S ?? '').split('#');
  return { listedAt, orderId };
}

/** Returns the item of an earlier operation, which is settled. */
export function earlierItem(operation: Operation): Item {
  return itemOf(operation, paddedSlot(String(operation.number)));
}

/**
 * Reads the operation in an item. Throws {@link OperationUnreadable} if this version of the code cannot read it, or must not because the
 * item has a newer schema. Members that this version does not know stay with the operation and are written back with it.
 */
export function operationOf(item: Item): Operation {
  const known: Item = {};
  const unknownMembers: Item = {};
  for (const [name, value] of Object.entries(item)) {
    const member = MEMBER_OF.get(name);
    if (member !== undefined) known[member] = value;
    else if (!ITEMS_OWN.has(name)) unknownMembers[name] = value;
  }
  const parsed = operationSchema.safeParse(unmarshalled(known));
  if (!parsed.success || isOfNewerSchema(item)) throw new OperationUnreadable(nameOf(item));
  return Object.keys(unknownMembers).length === 0 ? parsed.data : { ...parsed.data, unknownMembers };
}

/** Whether a newer version of the code wrote the item in a form that this version may misread. */
export function isOfNewerSchema(item: Item): boolean {
  return Number(item['schema']?.N ?? 0) > SCHEMA;
}

/** Reads the operations in items, and returns the names of those that cannot be read. */
export function operationsOf(found: readonly Item[]): { operations: Operation[]; unreadable: string[] } {
  const operations: Operation[] = [];
  const unreadable: string[] = [];
  for (const item of found) {
    try {
      operations.push(operationOf(item));
    } catch (error) {
      if (!(error instanceof OperationUnreadable)) throw error;
      unreadable.push(error.operation);
    }
  }
  return { operations, unreadable };
}

/** Returns the id of an item's operation, or the key of its order if the number is missing. */
function nameOf(item: Item): string {
  const order = item['order']?.S ?? 'an order without a name';
  const number = item['number']?.N;
  return number === undefined ? order : `${order}:${number}`;
}

/** The attributes that are not named after their member, because stored items have the attribute's name already. */
const ATTRIBUTE_OF: Readonly<Record<string, string>> = {
  historyMark: 'mark',
  askReach: 'reach',
  looksSinceAsk: 'looks',
};
/** The members of an operation by the names of their attributes. */
const MEMBER_OF: ReadonlyMap<string, string> = new Map(
  operationSchema.options.flatMap(({ shape }) => Object.keys(shape)).map((member) => [attributeOf(member), member]),
);
/** The attributes that an item has beside its operation's members. Every write makes them anew. */
const ITEMS_OWN: ReadonlySet<string> = new Set([
  'schema',
  'order',
  'slot',
  'day',
  'dueConnection',
  'cancelledConnection',
  'listedAt',
]);

/** Returns undefined if a member has a form that this code never writes, such as a number too large for JavaScript. */
function unmarshalled(item: Item): unknown {
  try {
    return unmarshall(item);
  } catch {
    return undefined;
  }
}

function itemOf({ unknownMembers = {}, ...operation }: Operation, slot: string): Item {
  const attributes = Object.entries(wellFormed(operation)).map(([member, value]): [string, unknown] => [
    attributeOf(member),
    value,
  ]);
  const members = marshall(
    {
      ...Object.fromEntries<unknown>(attributes),
      schema: SCHEMA,
      order: orderKey(operation.connection, operation.orderId),
      slot,
      day: operation.requestedAt.slice(0, 10),
    },
    { removeUndefinedValues: true },
  );
  // Only `operationOf` makes them, and it takes them from an item.
  return { ...(unknownMembers as Item), ...members };
}

/** Returns the name of the attribute that holds a member of an operation. */
export function attributeOf(member: string): string {
  return ATTRIBUTE_OF[member] ?? member;
}

/** Replaces every lone surrogate with U+FFFD, since DynamoDB does not take one. Any text may hold one. */
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

/** An idempotency key, bound to the operation that answered its first ask. */
export const boundKeySchema = z.object({
  key: z.string(),
  fingerprint: z.string(),
  operationId: z.string(),
  expiresAt: z.number(),
});
export type BoundKey = z.infer<typeof boundKeySchema>;

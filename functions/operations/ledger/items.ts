import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { OperationUnreadable } from './errors.ts';
import { isOpen, operationSchema, type Operation } from '../rules/operation.ts';

/**
 * How operations lie in the ledger table: one item per order with its current operation (`slot` "current"), and one for each
 * earlier operation of that order (`slot` its number, padded, so that they sort). The attributes of the operation are the
 * item's own, so that a person reads them in any DynamoDB tool.
 */
export type Item = Record<string, AttributeValue>;

/**
 * The version of what an item holds. It is raised when an older version of the code could misread or damage what a newer one
 * writes: the older one then leaves such items alone. A new member that older versions may keep without knowing it needs no new
 * version. Items from before there was a version have none.
 */
export const SCHEMA = 1;

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

/** The place in the list of cancelled orders that a key of its index names. */
export function listedPlaceOf(key: Item): { listedAt: string; orderId: string } {
  const [listedAt = '', orderId = ''] = (key['listedAt']?.S ?? '').split('#');
  return { listedAt, orderId };
}

/** The item of an earlier operation, which is settled. */
export function earlierItem(operation: Operation): Item {
  return itemOf(operation, paddedSlot(String(operation.number)));
}

/**
 * The operation in an item. Throws {@link OperationUnreadable} where this version of the code cannot read it, or must not because a
 * newer one wrote it. Members that it does not know stay with the operation and are written back with it.
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

/** Whether a newer version of the code wrote an item in a way that this one may misread. */
export function isOfNewerSchema(item: Item): boolean {
  return Number(item['schema']?.N ?? 0) > SCHEMA;
}

/** The operations in items, and the names of those that cannot be read. */
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

/** The id of an item's operation, or where its number cannot be read, its order. */
function nameOf(item: Item): string {
  const order = item['order']?.S ?? 'an order without a name';
  const number = item['number']?.N;
  return number === undefined ? order : `${order}:${number}`;
}

/** Members of an operation whose attribute has another name, because items with that name are stored already. */
const ATTRIBUTE_OF: Readonly<Record<string, string>> = {
  historyMark: 'mark',
  askReach: 'reach',
  looksSinceAsk: 'looks',
};
/** The members of an operation, by the name of their attribute. */
const MEMBER_OF: ReadonlyMap<string, string> = new Map(
  operationSchema.options.flatMap(({ shape }) => Object.keys(shape)).map((member) => [attributeOf(member), member]),
);
/** What an item has beside its operation's members. All of it is made anew at every write. */
const ITEMS_OWN: ReadonlySet<string> = new Set([
  'schema',
  'order',
  'slot',
  'day',
  'dueConnection',
  'cancelledConnection',
  'listedAt',
]);

/** Undefined where a member is of a kind that this code never writes, such as a number beyond those of JavaScript. */
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
  // Nobody but `operationOf` makes them, out of an item.
  return { ...(unknownMembers as Item), ...members };
}

/** The name of the attribute that holds a member of an operation. */
export function attributeOf(member: string): string {
  return ATTRIBUTE_OF[member] ?? member;
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

import {
  GetItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountIdentity, OpenConnection } from '../providers/connections.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Settled } from '../runtime/settled.ts';
import { AccountTurnedAway } from './errors.ts';
import type { Operation } from './rules/operation.ts';

/**
 * Remembers which account has which name. An account has one name and a name has one account, for ever, because the ledger remembers
 * orders by name. Under a second name, an account's orders could be asked for twice. A name that moved to another account would answer for
 * the first account's orders.
 */
export interface Accounts {
  /** Checks that the connection may be used under its name. Writes nothing. Throws {@link AccountTurnedAway}. */
  check(connection: Presented): Promise<void>;
  /** Makes the same check for a connection whose credential was not read, as far as its declaration allows. */
  checkDeclared(name: string): Promise<void>;
  /** Binds the account to the name, before any ask of the account. Throws {@link AccountTurnedAway}. */
  claim(connection: Presented): Promise<void>;
  /** Whether this container has seen that the account has the name, and has seen nothing since that contradicts it. */
  isKnown(name: string): boolean;
  /** Returns the `account` of an operation that is opened now; null if only a credential identifies the account and none was seen yet. */
  markOf(name: string): string | null;
  /** Whether an operation was made at the account that has the name now. An older version's operation without an account counts as such. */
  isOwn(operation: Made): Promise<boolean>;
  /** Throws {@link AccountTurnedAway} if the operation was made at another account: it says nothing about the account that has the name. */
  refuseForeign(operation: Made | null): Promise<void>;
}

type Made = Pick<Operation, 'connection' | 'provider' | 'account'>;

/** A connection's name, and the account that it shows. */
export type Presented = Pick<OpenConnection, 'name' | 'account'>;

/** The record of a name: the latest places and marks of its one account. Each mark also has an item of its own, for ever, with its holder. */
const nameSchema = z.object({
  places: z.array(z.string()),
  marks: z.array(z.string()),
  version: z.number(),
});
type NameRecord = z.infer<typeof nameSchema>;
const markSchema = z.object({ holder: z.string() });

/** The most places and the most marks that a name's item keeps. Without a limit, rotated credentials would make it grow for ever. */
const MOST_KEPT = 100;
/** A round fails only if another writer of the same name or account was first. */
const ROUNDS = 6;
const WAIT_MS = 40;

/** Keeps its items in the connection health table. Its keys have a colon and connection names have none, so the keys never clash. */
export function createAccounts(needs: {
  dynamodb: DynamoDBClient;
  table: string;
  clock: Clock;
  log: Logger;
  /** Returns the account that is declared under a name. Throws if the name is not declared. */
  declared: (name: string) => AccountIdentity;
  isDeclared: (name: string) => boolean;
}): Accounts {
  const { dynamodb, table, clock, log } = needs;
  /** The names' records, read once each: a name keeps its places and marks for ever. */
  const records = new Map<string, NameRecord>();
  const admitted = new Set<string>();

  const read = async (connection: string): Promise<Record<string, unknown> | null> => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: table, Key: { connection: { S: connection } }, ConsistentRead: true }),
    );
    return Item === undefined ? null : unmarshall(Item);
  };
  const readName = async (name: string): Promise<NameRecord | null> => {
    const item = await read(nameKey(name));
    if (item === null) return null;
    const record = nameSchema.parse(item);
    records.set(name, record);
    return record;
  };
  const turnedAway = (error: AccountTurnedAway): AccountTurnedAway => {
    admitted.delete(error.connection);
    log.error('CONNECTION_TURNED_AWAY', { connection: error.connection, why: error.message });
    return error;
  };

  /** Returns the name's record. Throws if the name belongs to another account, or the account to another name. */
  const judge = async ({ name, account }: Presented): Promise<NameRecord | null> => {
    const record = await readName(name);
    const places = [account.place, ...account.formerPlaces];
    if (record !== null && !record.places.some((place) => places.includes(place)))
      throw turnedAway(AccountTurnedAway.byName(name, { places: record.places, place: account.place }));
    for (const mark of account.marks.filter((one) => !record?.marks.includes(one))) {
      const item = await read(accountKey(mark));
      const holder = item === null ? name : markSchema.parse(item).holder;
      if (holder !== name) throw turnedAway(AccountTurnedAway.byHolder(name, holder, needs.isDeclared(holder)));
    }
    return record;
  };

  /** Writes the account to the name's record. Returns false if another writer was first. */
  const write = async ({ name, account }: Presented, record: NameRecord | null): Promise<boolean> => {
    const next: NameRecord = {
      places: union(record?.places ?? [], [account.place]),
      // Today's mark is the last one.
      marks: union(record?.marks ?? [], account.marks.toReversed()),
      version: (record?.version ?? 0) + 1,
    };
    const since = new Date(clock.now()).toISOString();
    const names = { '#connection': 'connection' };
    try {
      await dynamodb.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            {
              Put: {
                TableName: table,
                Item: marshall({ connection: nameKey(name), ...next }),
                ...(record === null
                  ? { ConditionExpression: 'attribute_not_exists(#connection)', ExpressionAttributeNames: names }
                  : {
                      ConditionExpression: '#version = :version',
                      ExpressionAttributeNames: { '#version': 'version' },
                      ExpressionAttributeValues: { ':version': { N: String(record.version) } },
                    }),
              },
            },
            ...account.marks.map((mark) => ({
              Put: {
                TableName: table,
                Item: marshall({ connection: accountKey(mark), holder: name, since }),
                ConditionExpression: 'attribute_not_exists(#connection) OR #holder = :name',
                ExpressionAttributeNames: { ...names, '#holder': 'holder' },
                ExpressionAttributeValues: { ':name': { S: name } },
              },
            })),
          ],
        }),
      );
    } catch (error) {
      if (isOvertaken(error)) return false;
      throw error;
    }
    records.set(name, next);
    return true;
  };

  const check = async (connection: Presented): Promise<void> => {
    const { name, account } = connection;
    const record = records.get(name) ?? null;
    if (holds(record, account) || (await judge(connection)) !== null) admitted.add(name);
  };
  const claim = async (connection: Presented): Promise<void> => {
    const { name, account } = connection;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (holds(records.get(name) ?? null, account)) return;
      const record = await judge(connection);
      if (holds(record, account) || (await write(connection, record))) return;
      await clock.sleep(clock.random() * WAIT_MS * 2 ** round);
    }
    throw new Error(`The account of ${name} was claimed by others again and again.`);
  };

  const isOwn = async ({ connection: name, provider, account }: Made): Promise<boolean> => {
    const declared = needs.declared(name);
    if (account === null) return declared.place.startsWith(`${provider} `);
    if (declared.marks.includes(account)) return true;
    const record = records.get(name) ?? (await readName(name));
    if (record?.marks.includes(account) === true) return true;
    const item = await read(accountKey(account));
    return item !== null && markSchema.parse(item).holder === name;
  };

  return {
    check,
    checkDeclared: (name) => check({ name, account: needs.declared(name) }),

    async claim(connection) {
      await claim(connection);
      admitted.add(connection.name);
    },

    isKnown: (name) => admitted.has(name),
    markOf: (name) => records.get(name)?.marks.at(-1) ?? needs.declared(name).marks[0] ?? null,

    isOwn,
    async refuseForeign(operation) {
      if (operation === null || (await isOwn(operation))) return;
      const { connection: name, provider, account } = operation;
      const { place, marks } = needs.declared(name);
      // A digest means nothing to people.
      const madeAt = account === null || marks.length === 0 ? provider : account;
      throw turnedAway(AccountTurnedAway.byName(name, { places: [madeAt], place }));
    },
  };
}

/**
 * Opens only connections that may be used under their names. A connection that is turned away with a remembered credential is opened once
 * more with the stored one, since another credential may be stored by now. Throws {@link AccountTurnedAway}, and what opening throws.
 */
export function openChecked(
  open: (name: string, options?: { fresh?: boolean }) => Promise<OpenConnection>,
  accounts: Pick<Accounts, 'check'>,
): (name: string, options?: { fresh?: boolean }) => Promise<OpenConnection> {
  const openOnce = async (name: string, options?: { fresh?: boolean }): Promise<OpenConnection> => {
    const connection = await open(name, options);
    await accounts.check(connection);
    return connection;
  };
  return (name, options) =>
    openOnce(name, options).catch((error: unknown) => {
      if (error instanceof AccountTurnedAway && options?.fresh !== true) return openOnce(name, { fresh: true });
      throw error;
    });
}

/**
 * Binds an account to its name before anything is begun, unless this container knows already that the account has the name. Callers handle
 * any other error of opening the connection. Throws {@link AccountTurnedAway}.
 */
export async function admit(
  name: string,
  connecting: Promise<Settled<OpenConnection>>,
  accounts: Pick<Accounts, 'isKnown' | 'claim'>,
): Promise<void> {
  if (accounts.isKnown(name)) return;
  const opened = await connecting;
  if (opened.ok) await accounts.claim(opened.value);
  else if (opened.error instanceof AccountTurnedAway) throw opened.error;
}

/** Whether the name's record has the account's place and all its marks. */
function holds(record: NameRecord | null, { place, marks }: AccountIdentity): boolean {
  return record !== null && record.places.includes(place) && marks.every((mark) => record.marks.includes(mark));
}

/** Returns both lists as one, the latest last. */
function union(some: readonly string[], more: readonly string[]): string[] {
  return [...some.filter((one) => !more.includes(one)), ...more].slice(-MOST_KEPT);
}

function isOvertaken(error: unknown): boolean {
  if (error instanceof TransactionConflictException || error instanceof TransactionInProgressException) return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  const failed = error.CancellationReasons?.filter(({ Code }) => Code !== undefined && Code !== 'None') ?? [];
  return failed.some(({ Code }) => Code === 'ConditionalCheckFailed' || Code === 'TransactionConflict');
}

function nameKey(name: string): string {
  return `name:${name}`;
}

function accountKey(mark: string): string {
  return `account:${mark}`;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { AmbiguousTokenName, NoSuchToken } from '../functions/access/errors.ts';
import { SCOPES } from '../functions/access/scopes.ts';
import { createAccessTokens, isLive, type AccessToken, type AccessTokens } from '../functions/access/tokens.ts';
import { systemClock, type Clock } from '../functions/runtime/clock.ts';

import { forgetOperatorsSettings } from './own-settings.ts';

const USAGE = `Manages access tokens of the local stack or, with --table, of a deployed one (AWS credentials and region from the environment).

  npm run token -- create --name shop --scopes cancel,read [--connections loja-rio,toko-jaya] [--expires 90d]
  npm run token -- list
  npm run token -- revoke NAME-OR-ID

  --name         the caller's name; tokens of one name are one caller
  --scopes       of: ${SCOPES.join(', ')}
  --connections  the only connections that the token is valid for (default: all)
  --expires      after days or hours (90d, 12h), or at an RFC 3339 time (default: never)
  --data-dir     where the local stack keeps its data (default: .countermand)
  --table        the table of a deployed stack (its output AccessTokensTable)
`;

/** Thrown when the command line is wrong. `message` says why. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  name: { type: 'string' },
  scopes: { type: 'string' },
  connections: { type: 'string' },
  expires: { type: 'string' },
  'data-dir': { type: 'string', default: '.countermand' },
  table: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface CommandLineNeeds {
  readonly clock: Clock;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Runs one command. Returns the exit code: 0, or 1 after printing what is wrong. */
export async function runTokenCommand(argv: readonly string[], needs: CommandLineNeeds): Promise<number> {
  try {
    const { values, positionals } = parsed(argv);
    const [command, ...rest] = positionals;
    if (values.help || command === undefined) {
      needs.print(USAGE);
      return values.help ? 0 : 1;
    }
    const work = workOf(command, rest, values, needs.clock);
    const tokens =
      values.table === undefined
        ? localTokens(values['data-dir'], needs.clock)
        : deployedTokens(values.table, needs.clock);
    needs.print(await work(tokens));
    return 0;
  } catch (error) {
    needs.complain(explanationOf(error));
    return 1;
  }
}

type Values = ReturnType<typeof parsed>['values'];
type Work = (tokens: AccessTokens) => Promise<string>;

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Returns the command's work. The command line is checked completely before any table is read. */
function workOf(command: string, rest: readonly string[], values: Values, clock: Clock): Work {
  switch (command) {
    case 'create': {
      if (rest.length > 0) throw new UsageError(`create takes no ${rest.join(' ')}.`);
      const grant = grantOf(values, clock);
      return async (tokens) => {
        const { token, record } = await tokens.create(grant);
        return `${token}\n\n${lineOf(record, clock)}\nThis token is shown only now: only its hash is kept.\n`;
      };
    }
    case 'list':
      if (rest.length > 0) throw new UsageError(`list takes no ${rest.join(' ')}.`);
      return async (tokens) => {
        const records = await tokens.list();
        return records.length === 0
          ? 'There are no access tokens.\n'
          : `${records.map((record) => lineOf(record, clock)).join('\n')}\n`;
      };
    case 'revoke': {
      const [nameOrId] = rest;
      if (nameOrId === undefined || rest.length > 1) throw new UsageError('revoke takes one name or id.');
      return async (tokens) => `${lineOf(await tokens.revoke(nameOrId), clock)}\n`;
    }
    default:
      throw new UsageError(`There is no command ${command}.`);
  }
}

function grantOf(values: Values, clock: Clock) {
  const { name, scopes, connections, expires } = values;
  if (name === undefined || !/^[\w][\w.@-]{0,59}$/.test(name)) {
    throw new UsageError('--name is needed: 1 to 60 letters, digits, or . _ - @');
  }
  if (scopes === undefined) throw new UsageError(`--scopes is needed, of: ${SCOPES.join(', ')}`);
  return {
    name,
    scopes: listOf(scopes).map((scope) => {
      const known = SCOPES.find((one) => one === scope);
      if (known === undefined) throw new UsageError(`There is no scope ${scope}. There are: ${SCOPES.join(', ')}`);
      return known;
    }),
    connections: connections === undefined ? null : connectionNames(listOf(connections)),
    expiresAt: expires === undefined ? null : expiryOf(expires, clock.now()),
  };
}

function listOf(text: string): string[] {
  const parts = [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== '');
  if (parts.length === 0) throw new UsageError('A list may not be empty.');
  return parts;
}

/** More than a stack can have. */
const MOST_CONNECTIONS = 100;

function connectionNames(names: readonly string[]): string[] {
  if (names.length > MOST_CONNECTIONS)
    throw new UsageError(
      `--connections takes at most ${MOST_CONNECTIONS} names. Without it, a token is valid for all.`,
    );
  return names.map(connectionName);
}

function connectionName(name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) throw new UsageError(`${name} is not the name of a connection.`);
  return name;
}

function expiryOf(text: string, now: number): string {
  const [, count, unit] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  const at = count === undefined ? rfc3339(text) : now + Number(count) * (unit === 'd' ? 24 : 1) * 3600 * 1000;
  if (at === null || at <= now)
    throw new UsageError('--expires must be like 90d or 12h, or an RFC 3339 time in the future.');
  return new Date(at).toISOString();
}

function rfc3339(text: string): number | null {
  const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(text);
  return moment.success ? Date.parse(moment.data) : null;
}

/** The file that the local stack writes when it starts. It says where the stack is. */
const localStack = z.object({ dynamodbEndpoint: z.url(), accessTokensTable: z.string() });

function localTokens(dataDir: string, clock: Clock): AccessTokens {
  const file = join(dataDir, 'local.json');
  let stack;
  try {
    stack = localStack.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new UsageError(
      `No local stack was found (${file}). Start one with npm start, or name the table of a deployed one with --table.`,
    );
  }
  forgetOperatorsSettings(process.env);
  const dynamodb = new DynamoDBClient({
    endpoint: stack.dynamodbEndpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 2,
  });
  return createAccessTokens({ dynamodb, table: stack.accessTokensTable, clock });
}

function deployedTokens(table: string, clock: Clock): AccessTokens {
  return createAccessTokens({ dynamodb: new DynamoDBClient(), table, clock });
}

function lineOf(record: AccessToken, clock: Clock): string {
  const where = record.connections === null ? 'all connections' : record.connections.join(',');
  return [record.id, record.name, record.scopes.join(','), where, stateOf(record, clock)].join('  ');
}

function stateOf(record: AccessToken, clock: Clock): string {
  if (record.revokedAt !== null) return `revoked ${record.revokedAt}`;
  if (record.expiresAt === null) return 'never expires';
  return `${isLive(record, clock.now()) ? 'expires' : 'expired'} ${record.expiresAt}`;
}

function explanationOf(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\n${USAGE}`;
  if (error instanceof NoSuchToken || error instanceof AmbiguousTokenName) return error.message;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'ResourceNotFoundException')
    return 'There is no such table. Is --table the stack’s output AccessTokensTable, and the region right?';
  if (name === 'AggregateError' || message.includes('ECONNREFUSED'))
    return 'The local stack does not answer. Start it with npm start.';
  return `The tokens could not be reached: ${message}`;
}

if (import.meta.main) {
  process.exitCode = await runTokenCommand(process.argv.slice(2), {
    clock: systemClock,
    print: (text) => {
      console.log(text.trimEnd());
    },
    complain: (text) => {
      console.error(text.trimEnd());
    },
  });
}

import { newStillMeant } from '../operations/unpaid/vetoes.ts';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { createAccessTokens } from '../access/tokens.ts';
import type { OperationNeeds, ReadNeeds } from '../operations/needs.ts';
import { createAccounts, openChecked } from '../operations/accounts.ts';
import { createConnectionHealth, rememberingHealth } from '../operations/connection-health.ts';
import { createLedger } from '../operations/ledger/ledger.ts';
import type { ClaimNeeds } from '../operations/perform.ts';
import { createConnections, parseConnections } from '../providers/connections.ts';
import { createHttpClient } from '../providers/http-client.ts';
import { systemClock, type Clock } from '../runtime/clock.ts';
import { createDynamoDB } from '../runtime/dynamodb.ts';
import { CONNECTIONS_FILE, ENVIRONMENT, fromEnvironment } from '../runtime/environment.ts';
import { createKeys } from '../runtime/keys.ts';
import { createLogger } from '../runtime/logger.ts';
import { redact } from '../runtime/redact.ts';
import { createSecretReader, createSecretsManager } from '../runtime/secrets.ts';
import { once } from './cold-start.ts';

/** How long a read may keep using a credential after it was changed, unless a 401 shows it sooner. An ask always reads it again. */
const CREDENTIAL_CACHE_MS = 30_000;
const HEALTH_CACHE_MS = 2_000;

/**
 * The parts that functions are made of, built from the environment. Each is made at its first use, so a function makes only the parts
 * that it uses and needs only their environment variables. `functionName` is the Lambda's name in the log.
 */
export function partsFor(functionName: string, clock: Clock = systemClock) {
  const log = once(() => createLogger(functionName));
  const dynamodb = once(createDynamoDB);
  const secrets = once(() =>
    createSecretReader({ client: createSecretsManager(), clock, cacheMs: CREDENTIAL_CACHE_MS }),
  );

  const keys = once(() => createKeys({ readSecret: () => secrets().read(fromEnvironment(ENVIRONMENT.keySecret)) }));

  const accessTokens = once(() =>
    createAccessTokens({ dynamodb: dynamodb(), table: fromEnvironment(ENVIRONMENT.accessTokensTable), clock }),
  );

  const ledger = once(() =>
    createLedger({
      dynamodb: dynamodb(),
      tables: {
        ledger: fromEnvironment(ENVIRONMENT.ledgerTable),
        // Functions that only read the ledger do not get the name of this table and never touch it.
        idempotencyKeys: process.env[ENVIRONMENT.idempotencyKeysTable] ?? '',
      },
      clock,
    }),
  );

  const health = once(() =>
    createConnectionHealth({ dynamodb: dynamodb(), table: fromEnvironment(ENVIRONMENT.connectionHealthTable), clock }),
  );

  const connections = once(() =>
    createConnections({
      declarations: parseConnections(bundledJson(CONNECTIONS_FILE)),
      readCredential: (name, options) =>
        secrets().read(`${fromEnvironment(ENVIRONMENT.connectionSecretPrefix)}${name}`, options),
      accountKeys: () => keys().derive('account'),
      http: (target) => createHttpClient(target, { clock, log: log() }),
    }),
  );

  const accounts = once(() =>
    createAccounts({
      dynamodb: dynamodb(),
      table: fromEnvironment(ENVIRONMENT.connectionHealthTable),
      clock,
      log: log(),
      declared: (name) => connections().declaredAccount(name),
      isDeclared: (name) => connections().names().includes(name),
    }),
  );

  const claims = once((): ClaimNeeds => ({
    accounts: accounts(),
    ledger: ledger(),
    clock,
    newOwner: randomUUID,
    redact,
  }));

  const reading = once((): ReadNeeds => ({
    health: rememberingHealth(health(), clock, HEALTH_CACHE_MS),
    openConnection: openChecked((name, options) => connections().open(name, options), accounts()),
    clock,
    log: log(),
  }));

  const listing = once((): Omit<OperationNeeds, 'clockSkewMs' | 'stillMeant'> => ({ ...claims(), ...reading() }));

  const operations = once((): OperationNeeds => ({
    ...listing(),
    clockSkewMs: clockSkewSeconds() * 1000,
    stillMeant: newStillMeant(clock),
  }));

  return {
    clock,
    redact,
    log,
    dynamodb,
    accessTokens,
    secrets,
    keys,
    ledger,
    health,
    connections,
    accounts,
    claims,
    reading,
    listing,
    operations,
  };
}

/** Reads a JSON file beside the bundle, which Lambda unpacks into `LAMBDA_TASK_ROOT`. */
export function bundledJson(file: string): unknown {
  const folder = process.env['LAMBDA_TASK_ROOT'] ?? process.cwd();
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown;
}

function clockSkewSeconds(): number {
  return z.coerce.number().min(0).max(60).parse(fromEnvironment(ENVIRONMENT.clockSkewSeconds));
}

import { newStillMeant } from '../../functions/operations/unpaid/vetoes.ts';
import { openChecked } from '../../functions/operations/accounts.ts';
import { createConnectionHealth } from '../../functions/operations/connection-health.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import type { OperationNeeds } from '../../functions/operations/needs.ts';
import { createConnections, parseConnections } from '../../functions/providers/connections.ts';
import { createHttpClient } from '../../functions/providers/http-client.ts';
import { systemClock } from '../../functions/runtime/clock.ts';
import { redact } from '../../functions/runtime/redact.ts';
import type { Sandbox } from '../../infra/local/sandbox/sandbox.ts';
import { keepingLog } from './api-event.ts';
import type { TestDynamoDB } from './dynamodb.ts';
import { accountKeys, accountsOf } from './account-names.ts';

/**
 * The dependencies of a function that works on real connections to sandbox providers, over HTTP, with the embedded ledger.
 */
export function sandboxConnections(
  { client: dynamodb, tables }: TestDynamoDB,
  accounts: Readonly<
    Record<string, { sandbox: Pick<Sandbox, 'baseUrl' | 'credential'>; fields: Record<string, unknown> }>
  >,
) {
  const clock = systemClock;
  const log = keepingLog();
  const connections = createConnections({
    declarations: parseConnections(
      Object.fromEntries(
        Object.entries(accounts).map(([name, { sandbox, fields }]) => [name, { baseUrl: sandbox.baseUrl, ...fields }]),
      ),
    ),
    readCredential: (name) => Promise.resolve(accounts[name]?.sandbox.credential() ?? ''),
    accountKeys,
    http: (target) => createHttpClient(target, { clock, log }),
  });
  let owners = 0;
  const names = accountsOf(connections, { dynamodb, table: tables.connectionHealth, clock, log });
  const operations: OperationNeeds = {
    accounts: names,
    ledger: createLedger({ dynamodb, tables, clock }),
    health: createConnectionHealth({ dynamodb, table: tables.connectionHealth, clock }),
    openConnection: openChecked((name, options) => connections.open(name, options), names),
    clock,
    newOwner: () => `owner-${(owners += 1)}`,
    redact,
    log,
    clockSkewMs: 0,
    stillMeant: newStillMeant(clock),
  };
  return { connections, operations, log };
}

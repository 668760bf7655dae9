import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../functions/runtime/environment.ts';
import { functionDir } from './bundle.ts';
import { TABLE_NAMES, type FunctionRow, type TableName } from './function-row.ts';
import { messagingEnvironment, messagingPermissions, type Messaging } from './messaging.ts';
import type { Storage } from './storage.ts';

/** The clocks of two containers differ by far less. Leases and quiet periods can afford this much. */
const CLOCK_SKEW_SECONDS = 20;

export interface LambdaFunctionNeeds {
  readonly storage: Storage;
  readonly messaging: Messaging;
  readonly buildDir: string;
}

/** One deployed function, made from its row and the defaults that all functions share. */
export class LambdaFunction extends Construct {
  readonly row: FunctionRow;
  readonly function: Function;

  readonly logGroup: LogGroup;

  constructor(scope: Construct, row: FunctionRow, { storage, messaging, buildDir }: LambdaFunctionNeeds) {
    super(scope, row.name);
    this.row = row;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    for (const statement of [...storagePermissions(row, storage), ...messagingPermissions(row, messaging)]) {
      role.addToPolicy(statement);
    }

    this.function = new Function(this, 'Function', {
      functionName: `${Stack.of(this).stackName}-${row.name}`,
      description: row.purpose,
      architecture: Architecture.ARM_64,
      runtime: Runtime.NODEJS_24_X,
      code: Code.fromAsset(functionDir(buildDir, row.name)),
      handler: 'index.handler',
      // CPU comes with memory: less would make every cold start slower.
      memorySize: 512,
      timeout: Duration.seconds(row.timeoutSeconds),
      environment: { ...storageEnvironment(row, storage), ...messagingEnvironment(row, messaging) },
      role,
      logGroup: this.logGroup,
      // Lambda must not repeat a failed run: the next run does its work, and late runs would only pile up.
      ...(row.trigger.kind === 'schedule' ? { retryAttempts: 0, maxEventAge: Duration.minutes(1) } : {}),
    });
  }
}

const TABLE_VARIABLES: Readonly<Record<TableName, string>> = {
  ledger: ENVIRONMENT.ledgerTable,
  idempotencyKeys: ENVIRONMENT.idempotencyKeysTable,
  connectionHealth: ENVIRONMENT.connectionHealthTable,
  accessTokens: ENVIRONMENT.accessTokensTable,
  batches: ENVIRONMENT.batchesTable,
  waitingTasks: ENVIRONMENT.waitingTasksTable,
  exportJobs: ENVIRONMENT.exportJobsTable,
};

function storageEnvironment(row: FunctionRow, storage: Storage): Record<string, string> {
  const variables = Object.fromEntries(
    tablesOf(row, storage).map(({ name, table }) => [TABLE_VARIABLES[name], table.tableName]),
  );
  if (row.exportsBucket) variables[ENVIRONMENT.exportsBucket] = storage.exportsBucket.bucketName;
  if (row.connections === 'credentials') variables[ENVIRONMENT.connectionSecretPrefix] = storage.secretPrefix;
  if (knowsKeys(row)) variables[ENVIRONMENT.keySecret] = storage.keySecretName;
  if (row.webhooks !== undefined) variables[ENVIRONMENT.webhookSecretPrefix] = storage.webhookSecretPrefix;
  if (row.tables.ledger?.includes('PutItem')) variables[ENVIRONMENT.clockSkewSeconds] = `${CLOCK_SKEW_SECONDS}`;
  return variables;
}

function storagePermissions(row: FunctionRow, storage: Storage): PolicyStatement[] {
  const statements = tablesOf(row, storage).map(
    ({ table, actions }) =>
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [table.tableArn, ...(actions.includes('Query') ? [`${table.tableArn}/index/*`] : [])],
      }),
  );
  const secrets = [
    ...(row.connections === 'credentials' ? storage.secrets : []),
    ...(knowsKeys(row) ? [storage.keySecret] : []),
    ...storage.webhookSecrets.filter(({ kind }) => kind === row.webhooks).map(({ secret }) => secret),
  ];
  if (secrets.length > 0) {
    const resources = secrets.map(({ secretArn }) => secretArn);
    statements.push(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources }));
  }
  if (row.exportsBucket) {
    const actions = row.exportsBucket.map((action) => `s3:${action}`);
    statements.push(new PolicyStatement({ actions, resources: [storage.exportsBucket.arnForObjects('*')] }));
  }
  return statements;
}

/** Functions that read credentials need keys too, to tell accounts apart. */
function knowsKeys({ keys, connections }: FunctionRow): boolean {
  return keys === true || connections === 'credentials';
}

function tablesOf(row: FunctionRow, { tables }: Storage) {
  return TABLE_NAMES.flatMap((name) => {
    const actions = row.tables[name];
    return actions === undefined ? [] : [{ name, table: tables[name], actions }];
  });
}

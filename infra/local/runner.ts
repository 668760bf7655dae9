import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { SQSClient } from '@aws-sdk/client-sqs';
import { parseConnections } from '../../functions/providers/connections.ts';
import { ENVIRONMENT } from '../../functions/runtime/environment.ts';
import { STACK_NAME, synthesise } from '../synth.ts';
import { startAwsServices } from './aws/aws-services.ts';
import {
  checkConnectionsFile,
  declarationsIn,
  readConnectionsFile,
  writeSandboxConnections,
  type ConnectionsFile,
} from './connections-file.ts';
import { openDataDir, removeFacts, writeFacts, type DataDir } from './data-dir.ts';
import { answers, startDynamoDb } from './aws/dynamodb.ts';
import { createEventBus } from './aws/event-bus.ts';
import { openFunctionLog } from './aws/function-log.ts';
import { onPortOrAny, PortTaken } from '../listen.ts';
import { startGateway } from './aws/gateway.ts';
import { startLambdas } from './aws/lambdas.ts';
import { openLineFile } from '../line-file.ts';
import { admitLocalToken } from './local-token.ts';
import { createMessageMoves } from './aws/message-moves.ts';
import type { Options } from './options.ts';
import { forgetOperatorsSettings } from '../own-settings.ts';
import { portOf } from './ports.ts';
import { startQueueSources } from './aws/queue-sources.ts';
import { queueUrl, startQueuesAndBuckets } from './aws/queues-and-buckets.ts';
import { startSandboxes } from './sandbox/sandboxes.ts';
import { createWebhookSender, type WebhookSender } from './sandbox/webhook-sender.ts';
import { startSchedules } from './aws/schedules.ts';
import { startSecrets } from './aws/secrets.ts';
import { refuseSharedCredentials } from './shared-credentials.ts';
import { startStreamSources } from './aws/stream-sources.ts';
import { createTables } from './aws/tables.ts';
import { createTasks } from './aws/tasks.ts';
import { readTemplate, type LocalStack } from './template/template.ts';
import type { Watcher } from './watcher.ts';
import {
  checkWebhooksFile,
  readWebhooksFile,
  sandboxWebhooks,
  webhookAddress,
  webhookDeclarationsIn,
  type WebhooksFile,
} from './webhooks-file.ts';

export interface Runner {
  readonly url: string;
  readonly token: string;
  readonly connections: ConnectionsFile;
  readonly webhooks: WebhooksFile;
  readonly functionLog: string;
  /** Where SQS, EventBridge, Step Functions and Lambda are on this machine. */
  readonly awsEndpoint: string;
  /** The file with every event of the bus. */
  readonly events: string;
  readonly dataDir: string;
  /** Whether the connections are the sandbox's, and not the operator's own. */
  readonly isSandbox: boolean;
  /** Whether ports were chosen by this machine, as the operator wished. */
  readonly anyPorts: boolean;
  /** Stops everything. What is at a provider at that moment is settled after the next start. */
  close(): Promise<void>;
}

const GRACE_MS = 2000;
/** What somebody waits for, who has no minute on this machine. */
const OFTEN = /-(settle-operations|run-exports)$/;

/** Synthesises the stack and serves it on this machine. Resolves when every function answers; what fails on the way there ends all. */
export async function startRunner(options: Options, watcher: Watcher): Promise<Runner> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const step of stops.reverse().splice(0)) await step();
  };
  try {
    return { ...(await start(options, watcher, stops)), close: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Pushes to `stops` how each part that it started is stopped; they are to be called from the last to the first. */
async function start(
  options: Options,
  watcher: Watcher,
  stops: (() => Promise<void> | void)[],
): Promise<Omit<Runner, 'close'>> {
  const { complain } = watcher;
  forgetOperatorsSettings(process.env);
  const { dataDir, release } = await openDataDir(options.dataDir, options);
  stops.push(release);
  // Said at once, not after the synthesis; the gateway says it again where it is taken meanwhile.
  if (options.port !== 0 && (await answers(options.port))) throw new PortTaken(options.port);
  const log = openFunctionLog(dataDir.functionLog, { complain, tell: watcher.onLogged });
  stops.push(() => {
    log.close();
  });

  const { connections, file, sandboxWebhook } = await connectionsOf(options, dataDir, { complain, stops });
  refuseSharedCredentials(connections);
  const { webhooks, webhooksFile } = await webhooksOf(options, dataDir, connections);
  const dynamoDb = await startDynamoDb(dataDir.database, process.env, (line) => {
    log.error(line);
  });
  stops.push(() => dynamoDb.close());

  watcher.step('Making the functions and the stack, which takes longer the first time');
  await synthesise({
    connections: declarationsIn(connections),
    webhooks: webhookDeclarationsIn(webhooks),
    buildDir: dataDir.build,
    outdir: dataDir.assembly,
    complain,
  });
  const queuesAndBuckets = await startQueuesAndBuckets(dataDir.queuesAndBuckets);
  stops.push(() => queuesAndBuckets.close());
  const stack = await readTemplate(dataDir.assembly, STACK_NAME, (name) => queueUrl(queuesAndBuckets.endpoint, name));
  await queuesAndBuckets.create(stack);

  const dynamodb = new DynamoDBClient({
    endpoint: dynamoDb.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  stops.push(() => {
    dynamodb.destroy();
  });
  await createTables(dynamodb, stack.tables);

  const files = { connections: file, webhooks: webhooksFile, stackKey: dataDir.stackKey };
  const secrets = await startSecrets((name) => readSecret(name, stack, files));
  stops.push(() => secrets.close());

  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const sqs = new SQSClient({ endpoint: queuesAndBuckets.endpoint, region: 'us-east-1', credentials });
  const messageMoves = createMessageMoves({ sqs, queues: stack.queues });
  stops.push(() => messageMoves.close());
  const eventsFile = openLineFile(dataDir.events, { complain });
  const taskAnswersFile = openLineFile(dataDir.taskAnswers, { complain });
  stops.push(() => {
    eventsFile.close();
    taskAnswersFile.close();
  });
  const eventBus = createEventBus({ rules: stack.eventRules, queues: stack.queues, sqs, file: eventsFile });
  const awsServices = await onPortOrAny(portOf('awsServices', options), (port) =>
    startAwsServices({
      port,
      eventBus,
      tasks: createTasks(taskAnswersFile),
      sqsEndpoint: queuesAndBuckets.endpoint,
      functionNames: new Set(stack.functions.map(({ name }) => name)),
      messageMoves,
      invoke: (functionName, event) => lambdas.invoke(functionName, event),
    }),
  );
  stops.push(() => awsServices.close());

  const endpoints = {
    dynamodb: dynamoDb.endpoint,
    secrets: secrets.endpoint,
    queuesAndBuckets: queuesAndBuckets.endpoint,
    awsServices: awsServices.endpoint,
  };
  const all = stack.functions.length;
  watcher.step(`Loading the ${all} functions`);
  const lambdas = await startLambdas(stack.functions, {
    endpoints,
    log,
    onLoaded: (count) => {
      watcher.progress(`${count} of ${all}`);
    },
    onInvoked: watcher.onInvoked,
  });
  stops.push(() => lambdas.close());

  const accessTokensTable = tableGivenAs(ENVIRONMENT.accessTokensTable, stack);
  const token = await admitLocalToken({
    dynamodb,
    table: accessTokensTable,
    given: options.token,
    file: dataDir.accessToken,
  });

  const gateway = await startGateway({
    routes: stack.routes,
    invoke: lambdas.invoke,
    port: options.port,
    onAnswered: watcher.onAnswered,
  });
  stops.push(() => gateway.close(GRACE_MS));
  sandboxWebhook?.sendTo(() => estokaAddress(gateway.url, webhooksFile));

  const schedules = startSchedules(settlingEvery(options.settleEveryMs, stack), lambdas.invoke);
  stops.push(() => {
    schedules.close();
  });

  const { invoke } = lambdas;
  const queueSources = startQueueSources(stack.queueSources, { sqs, queues: stack.queues, invoke, complain });
  stops.push(() => queueSources.close());
  const streams = new DynamoDBStreamsClient({ endpoint: dynamoDb.endpoint, region: 'us-east-1', credentials });
  const streamSources = startStreamSources(stack.streamSources, {
    ...{ dynamodb, streams, sqs, queues: stack.queues, invoke, complain },
    positionsFile: dataDir.streamPositions,
    clock: { now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined) },
  });
  stops.push(() => streamSources.close());

  await writeFacts(dataDir, {
    pid: process.pid,
    url: gateway.url,
    dynamodbEndpoint: dynamoDb.endpoint,
    accessTokensTable,
    awsEndpoint: awsServices.endpoint,
  });
  stops.push(() => {
    removeFacts(dataDir);
  });
  const { functionLog, events } = dataDir;
  return {
    ...{ url: gateway.url, token, connections, webhooks, functionLog, awsEndpoint: awsServices.endpoint, events },
    dataDir: options.dataDir,
    isSandbox: options.connectionsFile === null,
    anyPorts: options.port === 0,
  };
}

/** The operator's connections, or the sandbox's, the file that credentials are read from, and what posts the sandbox's webhooks. */
async function connectionsOf(
  options: Options,
  dataDir: DataDir,
  { complain, stops }: { complain: (line: string) => void; stops: (() => Promise<void> | void)[] },
): Promise<{ connections: ConnectionsFile; file: string; sandboxWebhook: WebhookSender | null }> {
  const { connectionsFile } = options;
  if (connectionsFile !== null)
    return { connections: await checkConnectionsFile(connectionsFile), file: connectionsFile, sandboxWebhook: null };
  const logFile = openLineFile(dataDir.sandboxLog, { complain });
  stops.push(() => {
    logFile.close();
  });
  const log = (line: string) => {
    logFile.append(`${new Date().toISOString()} sandbox ${line}`);
  };
  const sandboxWebhook = createWebhookSender(log);
  stops.push(() => sandboxWebhook.close());
  const sandboxes = await startSandboxes({
    dataDir: dataDir.sandbox,
    log,
    tell: (message) => {
      sandboxWebhook.post(message);
    },
    estokaPort: portOf('estoka', options),
    ngorderPort: portOf('ngorder', options),
  });
  stops.push(() => sandboxes.close());
  const connections = await writeSandboxConnections(dataDir.connections, sandboxes.connections);
  return { connections, file: dataDir.connections, sandboxWebhook };
}

/** Where the sandbox's Estoka posts to: the declared webhook of its kind, with the secret that stands in the file now. */
async function estokaAddress(url: string, webhooksFile: string): Promise<string | null> {
  const webhooks = Object.entries(await readWebhooksFile(webhooksFile));
  const [declared] = webhooks.filter(([, { kind }]) => kind === 'estoka');
  return declared === undefined ? null : webhookAddress(url, ...declared);
}

async function webhooksOf(
  { connectionsFile, webhooksFile }: Options,
  dataDir: DataDir,
  connections: ConnectionsFile,
): Promise<{ webhooks: WebhooksFile; webhooksFile: string }> {
  const declared = () => parseConnections(declarationsIn(connections));
  if (webhooksFile === null && connectionsFile !== null) return { webhooks: {}, webhooksFile: dataDir.webhooks };
  const file = webhooksFile ?? dataDir.webhooks;
  if (webhooksFile === null) await sandboxWebhooks(file);
  return { webhooks: await checkWebhooksFile(file, declared()), webhooksFile: file };
}

/** The credential, or a webhook's secrets, as it stands in its file now: editing the file rotates it. */
async function readSecret(
  name: string,
  { secretNames }: LocalStack,
  files: { connections: string; webhooks: string; stackKey: string },
): Promise<string | null> {
  if (!secretNames.includes(name)) return null;
  if (name.endsWith('/internal/key')) return readStackKey(files.stackKey);
  const [, folder, lastName = ''] = /^[^/]+\/(webhooks\/)?([^/]+)$/.exec(name) ?? [];
  if (folder === undefined) return (await readConnectionsFile(files.connections))[lastName]?.credential ?? null;
  const webhook = (await readWebhooksFile(files.webhooks))[lastName];
  return webhook === undefined ? null : JSON.stringify(webhook.secret);
}

/** The text that the stack's own keys are derived from: of chance, written at its first use. */
async function readStackKey(path: string): Promise<string> {
  const made = JSON.stringify({ current: randomBytes(33).toString('base64url') });
  await writeFile(path, made, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    if (!existsSync(path)) throw error;
  });
  return readFile(path, 'utf8');
}

function settlingEvery(everyMs: number, { schedules }: LocalStack) {
  return schedules.map((schedule) => (OFTEN.test(schedule.functionName) ? { ...schedule, everyMs } : schedule));
}

function tableGivenAs(variable: string, { functions }: LocalStack): string {
  const table = functions.map(({ environment }) => environment[variable]).find((value) => value !== undefined);
  if (table === undefined) throw new Error(`No function of the template is given ${variable}.`);
  return table;
}

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';

/** A machine that is set up for other work: AWS's settings, a proxy, and a log on a device that is full. */

const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'countermand-machine-'));
const dataDir = join(directory, 'data');
/** Whatever is sent elsewhere comes here. */
const elsewhere = createServer((incoming, response) => {
  strays.push(`${incoming.method} ${incoming.url}`);
  response.writeHead(500).end();
}).on('connect', (incoming, socket) => {
  strays.push(`CONNECT ${incoming.url}`);
  socket.destroy();
});
const strays: string[] = [];
let environment: Record<string, string>;
let stack: LocalStackProcess;
let said: string;

const SHARED_CONFIG = (url: string) => `
[default]
region = eu-west-1
ignore_configured_endpoint_urls = true
use_fips_endpoint = true
use_dualstack_endpoint = true
account_id_endpoint_mode = required
retry_mode = adaptive
max_attempts = 1
defaults_mode = auto
endpoint_url = ${url}
sso_session = work
[profile work]
sso_session = nowhere
ignore_configured_endpoint_urls = true
use_fips_endpoint = true
`;

beforeAll(async () => {
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  mkdirSync(join(directory, '.aws'));
  mkdirSync(dataDir);
  writeFileSync(join(directory, '.aws', 'config'), SHARED_CONFIG(url));
  writeFileSync(
    join(directory, '.aws', 'credentials'),
    '[default]\naws_access_key_id = real\naws_secret_access_key = real\n',
  );
  symlinkSync('/dev/full', join(dataDir, 'functions.log'));
  environment = {
    HOME: directory,
    AWS_PROFILE: 'work',
    AWS_CONFIG_FILE: join(directory, '.aws', 'config'),
    AWS_REGION: 'us-gov-west-1',
    AWS_ACCESS_KEY_ID: 'real',
    AWS_SECRET_ACCESS_KEY: 'real',
    AWS_SESSION_TOKEN: 'real',
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_ACCOUNT_ID_ENDPOINT_MODE: 'required',
    AWS_MAX_ATTEMPTS: 'none',
    AWS_RETRY_MODE: 'wrong',
    AWS_DEFAULTS_MODE: 'wrong',
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ENDPOINT_URL_SQS: url,
    AWS_ENABLE_ENDPOINT_DISCOVERY: 'true',
    FAUXQS_INIT: '/nowhere.json',
    CDK_CONTEXT_JSON: '{"aws:cdk:disable-asset-staging": true}',
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    http_proxy: url,
    NODE_USE_ENV_PROXY: '1',
  };
  stack = await startLocalStack(dataDir, [], environment);
  said = stack.printed;
  stack.process.stderr?.on('data', (text: string) => (said += text));
});
afterAll(async () => {
  await stack.stop();
  elsewhere.close();
  rmSync(directory, { recursive: true });
});

describe('the local stack on a machine that is set up for other work', () => {
  it('cancels by HTTP, by queue and by event, and speaks to itself only', async () => {
    const { status, body } = await stack.ask('POST', '/v1/connections/loja-rio/orders/340/cancel');
    expect([status, body['outcome']]).toEqual([200, 'confirmed']);
    const { awsEndpoint } = JSON.parse(readFileSync(join(dataDir, 'local.json'), 'utf8')) as { awsEndpoint: string };
    const reply = await fetch(awsEndpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: JSON.stringify({
        QueueUrl: `${awsEndpoint}/000000000000/Countermand-commands`,
        MessageBody: JSON.stringify({ connection: 'loja-rio', orderId: '401' }),
      }),
    });
    expect(reply.status).toBe(200);
    const giveUpAt = Date.now() + 60_000;
    let outcome: unknown;
    while (outcome !== 'confirmed' && Date.now() < giveUpAt) {
      const read = await stack.ask('GET', '/v1/operations/loja-rio:401:1');
      outcome = read.body['outcome'];
    }
    expect(outcome).toBe('confirmed');
    expect(strays).toEqual([]);
  });

  it('makes tokens of itself', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(root, 'infra', 'token.ts'), 'create', '--name', 'shop', '--scopes', 'read', '--data-dir', dataDir],
      { env: { PATH: process.env['PATH'] ?? '', ...environment } },
    );
    expect(stdout).toMatch(/^cm_/);
    expect(strays).toEqual([]);
  });

  it('goes on without a log that cannot be written, and says so once', async () => {
    await stack.ask('POST', '/v1/connections/loja-rio/orders/402/cancel');
    expect(said.match(/functions\.log cannot be written \(the disk is full\)/g)).toHaveLength(1);
    expect(stack.process.exitCode).toBeNull();
  });

  it('turns a second start on its data directory away in one line', () => {
    const { status, stderr } = start(['--port', '0', '--data-dir', dataDir]);
    expect(stderr).toBe(
      `A stack at ${stack.url} (process ${stack.process.pid}) uses ${dataDir} already: stop it, or take another --data-dir.\n`,
    );
    expect(status).toBe(1);
  });
});

describe('Ctrl-C', () => {
  it('ends the stack, though npm hands it on a second time, and says so', async () => {
    stack.process.kill('SIGINT');
    await sleep(100);
    stack.process.kill('SIGINT');
    expect(await stack.stop()).toBe(0);
    expect(stack.said()).toMatch(/\nStopping: [^\n]+\nStopped\. [^\n]+\n$/);
  });

  it('ends a start at once, also where npm alone is told', async () => {
    const npm = spawn('npm', ['start', '--', '--port', '0', '--data-dir', join(directory, 'ended')], {
      ...{ cwd: root, env: { PATH: process.env['PATH'], HOME: directory }, stdio: ['ignore', 'pipe', 'inherit'] },
    });
    let printed = '';
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!printed.includes('Making') && text.includes('Making')) npm.kill('SIGINT');
      printed += text;
    });
    await once(npm, 'close');
    expect(printed).toMatch(/^Stopped before it was ready\.$/m);
    expect(printed).not.toContain('is ready on');
  }, 60_000);
});

function start(args: string[]) {
  const env = { PATH: process.env['PATH'] };
  return spawnSync(process.execPath, [join(root, 'infra', 'local', 'start.ts'), ...args], { env, encoding: 'utf8' });
}

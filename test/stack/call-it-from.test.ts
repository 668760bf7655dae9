import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installTools } from '../../.config/tools/run.ts';
import { keptExamples, recordExamples } from '../../infra/openapi/example-session.ts';
import { readWebhooksFile } from '../../infra/local/webhooks-file.ts';
import { expectDocumentedEvent } from '../support/documented.ts';
import { installedBrowser, withPage } from '../support/browser.ts';
import { newDataDir, startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';
import { blocks, commands } from '../support/readmes.ts';

const root = join(import.meta.dirname, '..', '..');
let dataDir: Awaited<ReturnType<typeof newDataDir>>;
let stack: LocalStackProcess;
/** Within the project, so that its packages are found; with what the README's `npm install` installs, at the versions of .config/tools. */
let workDir: string;
beforeAll(async () => {
  dataDir = await newDataDir();
  stack = await startLocalStack(dataDir.path);
  mkdirSync(join(root, '.build'), { recursive: true });
  workDir = mkdtempSync(join(root, '.build', 'call-it-from-'));
  expect(installTools()).toBe(true);
  symlinkSync(join(root, '.config', 'tools', 'node_modules'), join(workDir, 'node_modules'));
});
afterAll(async () => {
  await stack.stop();
  await dataDir.remove();
  rmSync(workDir, { recursive: true });
});

async function run(command: string, args: string[]): Promise<string> {
  const bins = [root, workDir].map((folder) => join(folder, 'node_modules', '.bin'));
  const path = [...bins, process.env['PATH'] ?? ''].join(':');
  const env = { PATH: path, TOKEN: stack.token, HOME: workDir };
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(command, args, { cwd: workDir, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : 1, stdout: out, stderr: err });
    });
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}
const here = (text: string) => text.replaceAll('http://127.0.0.1:3000', stack.url);

/** Runs TypeScript that uses the generated types, after it was checked against them. */
async function runTyped(name: string, source: string): Promise<string> {
  writeFileSync(join(workDir, name), here(source));
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    'node',
  ];
  await run('tsc', [...options, '--allowImportingTsExtensions', '--exactOptionalPropertyTypes', name]);
  return run('node', ['--no-warnings', name]);
}

describe('the document’s examples', () => {
  it('are what the stack answers', async () => {
    const comparable = (examples: unknown) =>
      JSON.stringify(examples, null, 1)
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, '<time>')
        .replace(/"requestId": "[^"]+"/g, '"requestId": "<id>"')
        // Sealed anew each time.
        .replace(/"nextCursor": "[^"]+"/g, '"nextCursor": "<cursor>"')
        .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<sandbox>');
    const webhooks = await readWebhooksFile(join(dataDir.path, 'webhooks.json'));
    expect(comparable(await recordExamples({ ...stack, webhooks }))).toBe(comparable(keptExamples()));
  });
});

describe('the READMEs’ callers', () => {
  const calls = commands('sh call');

  it('curl', async () => {
    const [command = ''] = calls;
    expect(JSON.parse(await run('bash', ['-c', here(command)]))).toMatchObject({
      orderId: '406',
      outcome: 'confirmed',
    });
  });

  it('TypeScript, as it stands, and with types that are generated from the document', async () => {
    const [short = '', typed = ''] = blocks('ts');
    expect(await runTyped('cancel.mts', short)).toBe('loja-rio:412:1 confirmed\n');

    const [, install = '', generate = '', start = ''] = calls;
    const { dependencies } = JSON.parse(readFileSync(join(root, '.config', 'tools', 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(install.split(' ').slice(2)));
    await run('bash', ['-c', here(generate)]);
    expect(await runTyped('cancel.mts', typed)).toBe('loja-rio:411:1 confirmed\n');
    // It ran above, on the Node of this test; npx would fetch Node 24 from the registry.
    expect(start).toBe('npx node@24 cancel.mts');
  });

  const hasRequests = spawnSync('python3', ['-c', 'import requests']).status === 0;
  if (!hasRequests)
    process.stderr.write('SKIPPED: the READMEs’ Python is not run, for python3 has no requests here.\n');
  (hasRequests ? it : it.skip)('Python’s requests', async () => {
    const printed: string[] = [];
    for (const source of blocks('python')) {
      writeFileSync(join(workDir, 'cancel.py'), here(source));
      printed.push(await run('python3', ['cancel.py']));
    }
    expect(printed).toEqual(['loja-rio:414:1 confirmed\n', 'loja-rio:9009:1 confirmed\n']);
  });
});

describe('what is told of operations', () => {
  it('is in the document: every event on the bus, as EventBridge delivers it', async () => {
    // Whatever was asked in this file; the first outcome among it is enough to wait for.
    const events = async () =>
      (await readFile(join(dataDir.path, 'events.ndjson'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
    while ((await events()).length === 0) await sleep(200);
    for (const line of await events()) await expectDocumentedEvent(JSON.parse(line));
  });

  it('can be waited for in Step Functions, with the READMEs’ task', async () => {
    const [task = ''] = blocks('json task');
    const { Resource, Parameters } = JSON.parse(task) as {
      Resource: string;
      Parameters: { FunctionName: string; Payload: Record<string, unknown> };
    };
    expect(Resource).toBe('arn:aws:states:::lambda:invoke');
    // As Step Functions fills it in.
    const input: Record<string, string> = { '$.connection': 'loja-rio', '$.orderId': '421', '$$.Execution.Id': 'x-1' };
    const payload = Object.fromEntries(
      Object.entries(Parameters.Payload).map(([name, path]) => [name.replace(/\.\$$/, ''), input[String(path)]]),
    );
    const { awsEndpoint } = JSON.parse(await readFile(join(dataDir.path, 'local.json'), 'utf8')) as {
      awsEndpoint: string;
    };
    const reply = await fetch(`${awsEndpoint}/2015-03-31/functions/${Parameters.FunctionName}/invocations`, {
      method: 'POST',
      body: JSON.stringify(payload),
    });
    expect(await reply.json()).toMatchObject({ id: 'loja-rio:421:1', outcome: 'confirmed', trigger: 'task' });
  });
});

describe('a client whose types are generated from the document', () => {
  it('goes through the README’s session', async () => {
    const own = await newDataDir();
    const fresh = await startLocalStack(own.path);
    try {
      await run('openapi-typescript', [`${fresh.url}/openapi.json`, '-o', 'api.d.ts']);
      const printed = await runTyped('session.ts', SESSION.replace('URL', fresh.url).replace('TOKEN', fresh.token));
      expect(printed.trim().split('\n')).toEqual([
        '200 loja-rio:340:1 confirmed null',
        '200 loja-rio:340:1 confirmed true',
        '200 ACCEPTED order_status stock balance courier_pickup paid',
        '202 toko-jaya:9001:1 unknown null',
        '200 toko-jaya:9001:1 confirmed read_back',
        '409 /problems/order-not-cancellable O pedido não pode mais ser cancelado',
        '200 toko-jaya:1338:1 confirmed null',
        '422 /problems/idempotency-key-reused',
      ]);
    } finally {
      await fresh.stop();
      await own.remove();
    }
  });
});

const SESSION = `
import createClient from 'openapi-fetch';
import type { paths } from './api.d.ts';

type Cancel = paths['/v1/connections/{connection}/orders/{orderId}/cancel']['post'];
type Body = NonNullable<Cancel['requestBody']>['content']['application/json'];
const api = createClient<paths>({ baseUrl: 'URL', headers: { Authorization: 'Bearer TOKEN' } });
const ask = (connection: string, orderId: string, body: Body = {}, headers: { 'Idempotency-Key'?: string } = {}) =>
  api.POST('/v1/connections/{connection}/orders/{orderId}/cancel', {
    params: { path: { connection, orderId }, header: headers },
    body,
  });
async function show(asked: ReturnType<typeof ask>) {
  const { data, error, response } = await asked;
  const replayed = response.headers.get('idempotent-replayed');
  if (data && 'dryRun' in data) {
    console.log(response.status, data.order.status, ...data.effects, ...data.warnings.map(({ code }) => code));
  } else if (data) {
    console.log(response.status, data.id, data.outcome, replayed);
  } else if ('type' in error && error.type === '/problems/order-not-cancellable') {
    console.log(response.status, error.type, error.operation.words);
  } else if ('type' in error) {
    console.log(response.status, error.type);
  } else {
    console.log(response.status, error.message);
  }
}

await show(ask('loja-rio', '340'));
await show(ask('loja-rio', '340'));
await show(ask('toko-jaya', '1338', { dryRun: true }));
await show(ask('toko-jaya', '9001', { reason: 'fraud' }));
for (;;) {
  const { data, response } = await api.GET('/v1/operations/{operationId}', {
    params: { path: { operationId: 'toko-jaya:9001:1' } },
  });
  if (data?.final) {
    console.log(response.status, data.id, data.outcome, data.evidence?.source);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
}
await show(ask('loja-rio', '9008'));
await show(ask('toko-jaya', '1338', {}, { 'Idempotency-Key': 'ask-7' }));
await show(ask('toko-jaya', '1338', { reason: 'staff' }, { 'Idempotency-Key': 'ask-7' }));
`;

describe('/docs', () => {
  if (installedBrowser === null) process.stderr.write('SKIPPED: /docs is not tried, for there is no Chromium here.\n');
  const inBrowser = installedBrowser === null ? it.skip : it;

  inBrowser('shows every route and tries one with a token, in a browser that asks no other host', async () => {
    await withPage(installedBrowser ?? '', async (page) => {
      const complaints: string[] = [];
      const asked: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => asked.push(request.url()));

      await page.goto(`${stack.url}/docs`);
      await page.waitForSelector('.opblock');
      const { body } = await stack.ask('GET', '/openapi.json');
      const { paths, webhooks } = body as { paths: Record<string, object>; webhooks: Record<string, object> };
      const routes = Object.values({ ...paths, ...webhooks }).flatMap((path) => Object.keys(path));
      expect(await page.locator('.opblock').count()).toBe(routes.length);

      await page.click('button.authorize');
      await page.fill('.modal-ux input', stack.token);
      await page.click('.modal-ux .auth-btn-wrapper button.authorize');
      await page.click('.modal-ux .btn-done');
      const cancel = page.locator('#operations-Orders-cancelOrder');
      await cancel.locator('.opblock-summary-control').click();
      await cancel.locator('tr[data-param-name="connection"] input').fill('loja-rio');
      await cancel.locator('tr[data-param-name="orderId"] input').fill('416');
      await cancel.locator('.execute').click();
      // What is tried first changes nothing.
      const reply = await cancel.locator('.live-responses-table .response-col_description code').first().textContent();
      expect(JSON.parse(reply ?? '')).toMatchObject({ dryRun: true, wouldCancel: true });

      expect(complaints).toEqual([]);
      expect(asked.filter((url) => !url.startsWith(stack.url))).toEqual([]);
      const screenshot = process.env['DOCS_SCREENSHOT'];
      if (screenshot !== undefined) await page.screenshot({ path: screenshot });
    });
  });
});

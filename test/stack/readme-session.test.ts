import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FUNCTIONS } from '../../infra/functions.ts';
import { newDataDir, startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';
import { asTyped, blocks, commands, READMES, session } from '../support/readmes.ts';

/** Every README can be tried by itself: in which order they are read makes no difference. */
describe.each([
  ['from the first to the last', READMES],
  ['from the last to the first', [...READMES].reverse()],
])('the READMEs’ lines, read %s', (_, readmes) => {
  let dataDir: Awaited<ReturnType<typeof newDataDir>>;
  let stack: LocalStackProcess;
  let addresses: Record<string, string>;
  let sandbox: Record<string, { baseUrl: string; credential: string }>;
  /** Where what is downloaded is written. */
  let workDir: string;
  beforeAll(async () => {
    dataDir = await newDataDir();
    workDir = mkdtempSync(join(tmpdir(), 'countermand-readmes-'));
    stack = await startLocalStack(dataDir.path);
    sandbox = JSON.parse(await readFile(join(dataDir.path, 'connections.json'), 'utf8')) as typeof sandbox;
    const facts = JSON.parse(await readFile(join(dataDir.path, 'local.json'), 'utf8')) as { awsEndpoint: string };
    addresses = {
      'http://127.0.0.1:3000': stack.url,
      'http://127.0.0.1:4001': sandbox['loja-rio']?.baseUrl ?? '',
      'http://127.0.0.1:4002': sandbox['toko-jaya']?.baseUrl ?? '',
      'http://127.0.0.1:4003': facts.awsEndpoint,
      '.countermand/': `${dataDir.path}/`,
    };
  });
  afterAll(async () => {
    await stack.stop();
    await dataDir.remove();
    rmSync(workDir, { recursive: true });
  });

  /** Times and ids of requests differ from run to run. */
  const comparable = (text: string) =>
    text
      .trim()
      .replace(/\r/g, '')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replace(/"requestId":"[^"]+"/g, '"requestId":"<id>"');

  const run = (command: string, env: Record<string, string> = {}) =>
    promisify(execFile)('bash', ['-c', asTyped(command, addresses)], {
      cwd: workDir,
      env: { PATH: process.env['PATH'], TOKEN: stack.token, ...env },
    });
  /** Runs a curl line; answers the HTTP status. */
  const status = async (command: string) => {
    const body = /^curl -OJ /.test(command) ? '' : '-o /dev/null ';
    const { stdout } = await run(command.replace(/^curl/, `curl -s ${body}-w "%{http_code}"`));
    return /\d{3}$/.exec(stdout)?.[0];
  };

  it('begin with what npm start prints, in the same words', async () => {
    const [, lines = ''] = /^Try, in another terminal:\n((?: {2}.*\n)+)/m.exec(stack.printed) ?? [];
    const [token = '', ...asks] = lines
      .trimEnd()
      .split('\n')
      .map((line) => line.trim());
    expect(token).toBe(`export TOKEN=${stack.token}`);
    const first = session('README.md')
      .slice(0, 2)
      .map(({ command }) => asTyped(command, addresses));
    expect(asks.slice(0, 2)).toEqual(first);
    for (const ask of asks) {
      expect({ ask, status: await status(ask.replace('curl -s', 'curl')) }).toEqual({ ask, status: '200' });
    }
  });

  it('go as they are printed', async () => {
    for (const readme of readmes) {
      for (const { command, output } of session(readme)) {
        const { stdout } = await run(command);
        expect({ readme, command, output: comparable(stdout) }).toEqual({
          readme,
          command,
          output: comparable(output),
        });
      }
    }
  });

  it('are taken where no output is shown', async () => {
    const lines = readmes.flatMap((readme) => commands('sh curl', readme));
    expect(lines.length).toBeGreaterThan(14);
    for (const command of lines) {
      expect({ command, status: await status(command) }).toEqual({
        command,
        status: expect.stringMatching(/^20[024]$/),
      });
    }
  });

  it('have a line for each other trigger, and each cancels its order', async () => {
    const triggers: Record<string, unknown> = {};
    for (const orderId of ['401', '402', '404', '417']) {
      triggers[orderId] = (await stack.waitUntilSettled(`loja-rio:${orderId}:1`))['trigger'];
    }
    expect(triggers).toEqual({ 401: 'queue', 402: 'event', 404: 'task', 417: 'queue' });
  });

  it('have a line for each schedule, and each runs', async () => {
    const lines = commands('sh curl').filter((command) => command.startsWith("curl -d '{}' "));
    const scheduled = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'schedule').map(({ name }) => name);
    expect(lines.map((command) => /Countermand-([a-z-]+)/.exec(command)?.[1]).sort()).toEqual(scheduled.sort());
    for (const command of lines) {
      const { stdout } = await run(command.replace(/^curl/, 'curl -s -D -'));
      expect({ command, failed: /x-amz-function-error/i.test(stdout) }).toEqual({ command, failed: false });
    }
  });

  it('redrive the dead commands: the stack takes what AWS’s command line sends', async () => {
    const lines = commands('sh aws').map((line) => /^aws --endpoint-url (\S+) sqs (\S+) (.*)$/.exec(line) ?? []);
    expect(lines.map(([, , action]) => action)).toEqual(['start-message-move-task', 'list-message-move-tasks']);
    for (const [, endpoint = '', action = '', options = ''] of lines) {
      const pascal = (name: string) => name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
      const request = [...options.matchAll(/--(\S+) (\S+)/g)].map(([, name = '', value]) => [pascal(name), value]);
      const headers = `-H 'X-Amz-Target: AmazonSQS.${pascal(action)}' -H 'Content-Type: application/x-amz-json-1.0'`;
      const { stdout } = await run(
        `curl -s -w ' %{http_code}' ${headers} -d '${JSON.stringify(Object.fromEntries(request))}' ${endpoint}`,
      );
      expect({ action, reply: stdout }).toEqual({ action, reply: expect.stringMatching(/^\{.*\} 200$/) });
    }
  });
});

describe('the README’s lines for an account of one’s own', () => {
  it('plan a cancel at the provider, and change nothing there', async () => {
    const [block = ''] = blocks('sh own-account');
    const [, file = '', json = ''] = /cat > (\S+) <<'END'\n([^]*?)^END$/m.exec(block) ?? [];
    const [, options = ''] = /^npm start -- (.*)$/m.exec(block) ?? [];
    const [dryRun = ''] = /^curl .*$/m.exec(block) ?? [];
    const provider = await newDataDir();
    const own = await newDataDir();
    const sandbox = await startLocalStack(provider.path);
    try {
      const { 'loja-rio': account } = JSON.parse(
        await readFile(join(provider.path, 'connections.json'), 'utf8'),
      ) as Record<string, { baseUrl: string; credential: string }>;
      const path = join(own.path, file);
      mkdirSync(dirname(path), { recursive: true });
      const typed = { 'https://estoka.example': account?.baseUrl ?? '', YOUR_TOKEN: account?.credential ?? '' };
      writeFileSync(path, asTyped(json, typed));
      const args = options.split(' ').map((word) => (word === file ? path : word));
      const stack = await startLocalStack(join(own.path, 'data'), args);
      try {
        const there = { 'http://127.0.0.1:3000': stack.url, ORDER_ID: '340' };
        const { stdout } = await promisify(execFile)('bash', ['-c', asTyped(dryRun, there)], {
          env: { PATH: process.env['PATH'], TOKEN: stack.token },
        });
        expect(JSON.parse(stdout)).toMatchObject({ dryRun: true, wouldCancel: true });
      } finally {
        await stack.stop();
      }
      const order = await fetch(`${account?.baseUrl ?? ''}/_sandbox/orders/340`);
      expect(await order.json()).toMatchObject({ calls: 0, effects: 0 });
    } finally {
      await sandbox.stop();
      await provider.remove();
      await own.remove();
    }
  });
});

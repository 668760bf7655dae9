import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VETOES } from '../functions/operations/unpaid/vetoes.ts';
import { FUNCTIONS, routesOf } from '../infra/functions.ts';
import { BEHAVIOURS } from '../infra/local/sandbox/behaviours.ts';
import { GUARDS } from './guards/guards.ts';
import { newDataDir, startLocalStack, type LocalStackProcess } from './support/local-stack.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the README', () => {
  it('lists the routes that are deployed, with their scopes', () => {
    const listed = [...readme.matchAll(/^\| `((?:GET|POST|DELETE) [^`]+)` \| (?:`([^`]+)`|none) \|/gm)].map(
      ([, route, scope]) => [route, scope ?? 'public'],
    );
    const deployed = FUNCTIONS.flatMap(routesOf)
      .filter(({ route }) => route !== '$default')
      .map(({ route, access }) => [route, access]);
    expect(listed.sort()).toEqual(deployed.sort());
  });

  it('lists how the sandbox misbehaves', () => {
    const rows = BEHAVIOURS.map(
      ({ orderId, behaviour, sentence, ngorder }) =>
        `| ${orderId} | \`${behaviour}\` | ${sentence}${ngorder === undefined ? '' : ` ngorder: ${ngorder.sentence}`} |`,
    );
    const table = ['| order | behaviour | what it does |', '| --- | --- | --- |', ...rows].join('\n');
    expect(readme).toContain(table);
  });

  it('lists the guards, and which test misses each', () => {
    const rows = GUARDS.map(({ name, noticedBy, judge }) => `| ${name} | ${noticedBy} | \`${judge}\` |`);
    expect(readme).toContain(['| without | red is | in |', '| --- | --- | --- |', ...rows].join('\n'));
  });

  it('lists what runs on a schedule', () => {
    const listed = [...readme.matchAll(/^\| `([a-z-]+)` \| (minute|hour) \|/gm)].map(([, name, every]) => [
      name,
      every,
    ]);
    const deployed = FUNCTIONS.flatMap(({ name, trigger }) =>
      trigger.kind === 'schedule' ? [[name, trigger.everyMinutes === 1 ? 'minute' : 'hour']] : [],
    );
    expect(listed.sort()).toEqual(deployed.sort());
  });

  it('lists why an unpaid order is spared', () => {
    const [, table = ''] = /^\| code \| an order is spared that \|\n([^]*?)\n\n/m.exec(readme) ?? [];
    const codes = table.split('\n').flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g)]);
    expect(codes.map(([, code]) => code)).toEqual(expect.arrayContaining([...VETOES]));
  });

  it('names only files and scripts that are there', () => {
    const files = [...readme.matchAll(/`((?:functions|infra|test)\/[a-z0-9./-]+)`/g)].map(([, path]) => path ?? '');
    expect(files.length).toBeGreaterThan(15);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm (?:run )?(start|test|check|mutation|synth|token|bench)\b/g)].map(
      ([, script]) => script ?? '',
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

interface Command {
  command: string;
  output: string;
}

/** The commands of the README's session, with the output that it shows. */
const session: Command[] = [...readme.matchAll(/^```console\n([^]*?)^```/gm)].flatMap(([, block = '']) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({ command: part.slice(0, part.indexOf('\n')), output: part.slice(part.indexOf('\n') + 1).trim() })),
);

describe('the README’s session', () => {
  let dataDir: Awaited<ReturnType<typeof newDataDir>>;
  let stack: LocalStackProcess;
  let urls: Record<string, string>;
  beforeAll(async () => {
    dataDir = await newDataDir();
    stack = await startLocalStack(dataDir.path);
    const connections = JSON.parse(await readFile(join(dataDir.path, 'connections.json'), 'utf8')) as Record<
      string,
      { baseUrl: string }
    >;
    const facts = JSON.parse(await readFile(join(dataDir.path, 'local.json'), 'utf8')) as { awsEndpoint: string };
    urls = {
      'http://127.0.0.1:3000': stack.url,
      'http://127.0.0.1:4001': connections['loja-rio']?.baseUrl ?? '',
      'http://127.0.0.1:4002': connections['toko-jaya']?.baseUrl ?? '',
      'http://127.0.0.1:4003': facts.awsEndpoint,
      '.countermand/': `${dataDir.path}/`,
    };
  });
  afterAll(async () => {
    await stack.stop();
    await dataDir.remove();
  });

  /** Times and ids of requests differ from run to run. */
  const comparable = (text: string) =>
    text
      .trim()
      .replace(/\r/g, '')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replace(/"requestId":"[^"]+"/g, '"requestId":"<id>"');

  const run = (command: string) => {
    const typed = Object.entries(urls).reduce((text, [printed, real]) => text.replaceAll(printed, real), command);
    return promisify(execFile)('bash', ['-c', typed], { env: { PATH: process.env['PATH'], TOKEN: stack.token } });
  };

  it('goes as it is printed', async () => {
    expect(session.length).toBeGreaterThan(8);
    for (const { command, output } of session) {
      const { stdout } = await run(command);
      expect({ command, output: comparable(stdout) }).toEqual({ command, output: comparable(output) });
    }
  });

  it('shows a line for each of the other triggers, and each cancels its order', async () => {
    const section = readme.slice(readme.indexOf('## Other triggers'), readme.indexOf('## Call it from'));
    const commands = [...section.matchAll(/^curl .*$/gm)].map(([command]) => command);
    expect(commands).toHaveLength(4);
    for (const command of commands) {
      const { stdout } = await run(command.replace(/^curl/, 'curl -s -o /dev/null -w "%{http_code}"'));
      expect({ command, status: stdout }).toEqual({ command, status: expect.stringMatching(/^20[02]$/) });
    }
    const triggers: Record<string, unknown> = {};
    for (const orderId of ['401', '402', '404']) {
      triggers[orderId] = (await stack.settled(`loja-rio:${orderId}:1`))['trigger'];
    }
    expect(triggers).toEqual({ 401: 'queue', 402: 'event', 404: 'task' });
  });

  it('shows how to redrive the dead commands: what AWS’s command line sends for it is taken', async () => {
    const commands = [...readme.matchAll(/^aws --endpoint-url (\S+) sqs (\S+) (.*)$/gm)];
    expect(commands.map(([, , action]) => action)).toEqual(['start-message-move-task', 'list-message-move-tasks']);
    for (const [, endpoint = '', action = '', options = ''] of commands) {
      const pascal = (name: string) => name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
      const request = [...options.matchAll(/--(\S+) (\S+)/g)].map(([, name = '', value]) => [pascal(name), value]);
      const headers = `-H 'X-Amz-Target: AmazonSQS.${pascal(action)}' -H 'Content-Type: application/x-amz-json-1.0'`;
      const { stdout } = await run(
        `curl -s -w ' %{http_code}' ${headers} -d '${JSON.stringify(Object.fromEntries(request))}' ${endpoint}`,
      );
      expect({ action, reply: stdout }).toEqual({ action, reply: expect.stringMatching(/^\{.*\} 200$/) });
    }
  });

  it('shows a line for each schedule, and each runs', async () => {
    const section = readme.slice(readme.indexOf('## Schedules'), readme.indexOf('### Orders that nobody pays'));
    const commands = [...section.matchAll(/^curl .*$/gm)].map(([command]) => command);
    const scheduled = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'schedule').map(({ name }) => name);
    expect(commands.map((command) => /Countermand-([a-z-]+)/.exec(command)?.[1]).sort()).toEqual(scheduled.sort());
    for (const command of commands) {
      const { stdout } = await run(command.replace(/^curl/, 'curl -s -D -'));
      expect({ command, reply: stdout }).toEqual({ command, reply: expect.stringMatching(/^HTTP\/1.1 200/) });
      expect({ command, failed: /x-amz-function-error/i.test(stdout) }).toEqual({ command, failed: false });
    }
  });

  it('shows commands for the sandbox that the sandbox takes', async () => {
    const commands = [...readme.matchAll(/^curl .*_sandbox.*$/gm)].map(([command]) => command);
    expect(commands.length).toBeGreaterThan(4);
    for (const command of commands) {
      const { stdout } = await run(command.replace(/^curl/, 'curl -s -o /dev/null -w "%{http_code}"'));
      expect({ command, status: stdout }).toEqual({ command, status: expect.stringMatching(/^20[024]$/) });
    }
  });
});

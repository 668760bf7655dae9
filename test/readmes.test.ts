import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { VETOES } from '../functions/operations/unpaid-vetoes.ts';
import { mayMove, OUTCOMES } from '../functions/operations/operation.ts';
import { parseConnections } from '../functions/providers/connections.ts';
import { FUNCTIONS, routesOf } from '../infra/functions.ts';
import { declarationsIn } from '../infra/local/connections-file.ts';
import { USAGE } from '../infra/local/options.ts';
import { BEHAVIOURS } from '../infra/local/sandbox/behaviours.ts';
import { GUARDS } from './guards/guards.ts';
import { allReadmes, blocks, blocksIn, commands, readReadme, READMES, root, session } from './support/readmes.ts';

/**
 * How each kind of code block is held, by the tag behind its fence: the file that runs or checks every block of it. A block with
 * another tag fails.
 */
const HELD: Readonly<Record<string, string>> = {
  console: 'test/readme-session.test.ts',
  'sh curl': 'test/readme-session.test.ts',
  'sh aws': 'test/readme-session.test.ts',
  'sh own-account': 'test/readme-session.test.ts',
  'sh call': 'test/call-it-from.test.ts',
  ts: 'test/call-it-from.test.ts',
  python: 'test/call-it-from.test.ts',
  'json task': 'test/infra/context.test.ts',
  'json webhooks': 'test/webhooks/declarations.test.ts',
  'sh npm': 'test/readmes.test.ts',
  'json connections': 'test/readmes.test.ts',
  mermaid: 'test/readmes.test.ts',
};

const text = allReadmes();
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

describe('the READMEs', () => {
  it('have no code block that no test runs or checks', () => {
    expect(blocksIn().filter(({ tag }) => !(tag in HELD))).toEqual([]);
    // The other way round: what is held is there, and its holder reads it.
    for (const [tag, file] of Object.entries(HELD)) {
      expect(blocksIn().map((block) => block.tag)).toContain(tag);
      const reads = tag === 'console' ? 'session(' : `('${tag}'`;
      expect({ tag, isRead: readFileSync(join(root, file), 'utf8').includes(reads) }).toEqual({ tag, isRead: true });
    }
  });

  it('list the routes that are deployed, with their scopes', () => {
    const listed = [...text.matchAll(/^\| `((?:GET|POST|DELETE) [^`]+)` \| (?:`([^`]+)`|none) \|/gm)].map(
      ([, route, scope]) => [route, scope ?? 'public'],
    );
    const deployed = FUNCTIONS.flatMap(routesOf)
      .filter(({ route }) => route !== '$default')
      .map(({ route, access }) => [route, access]);
    expect(listed.sort()).toEqual(deployed.sort());
  });

  it('list how the sandbox misbehaves', () => {
    const rows = BEHAVIOURS.map(
      ({ orderId, behaviour, sentence, ngorder }) =>
        `| ${orderId} | \`${behaviour}\` | ${sentence}${ngorder === undefined ? '' : ` ngorder: ${ngorder.sentence}`} |`,
    );
    expect(text).toContain(['| order | behaviour | what it does |', '| --- | --- | --- |', ...rows].join('\n'));
  });

  it('list the guards, and which test misses each', () => {
    const rows = GUARDS.map(({ name, noticedBy, judge }) => `| ${name} | ${noticedBy} | \`${judge}\` |`);
    expect(text).toContain(['| without | red is | in |', '| --- | --- | --- |', ...rows].join('\n'));
  });

  it('list what runs on a schedule', () => {
    const listed = [...text.matchAll(/^\| `([a-z-]+)` \| (minute|hour) \|/gm)].map(([, name, every]) => [name, every]);
    const deployed = FUNCTIONS.flatMap(({ name, trigger }) =>
      trigger.kind === 'schedule' ? [[name, trigger.everyMinutes === 1 ? 'minute' : 'hour']] : [],
    );
    expect(listed.sort()).toEqual(deployed.sort());
  });

  it('list why an unpaid order is spared', () => {
    const [, table = ''] = /^\| code \| an order is spared that \|\n([^]*?)\n\n/m.exec(text) ?? [];
    const codes = table.split('\n').flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g)]);
    expect(codes.map(([, code]) => code)).toEqual(expect.arrayContaining([...VETOES]));
  });

  it('list the options of npm start', () => {
    const offered = [...USAGE.matchAll(/--[a-z-]+(?= )/g)].map(([option]) => option);
    const listed = [...text.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, option]) => option);
    expect(listed.sort()).toEqual(offered.sort());
  });

  it('show connections that can be declared', () => {
    for (const block of blocks('json connections')) {
      const declared = parseConnections(declarationsIn(JSON.parse(block) as Record<string, unknown>));
      expect(declared.size).toBeGreaterThan(0);
    }
  });

  it('draw the moves that an operation may make, and functions that are deployed', () => {
    const [picture = '', life = ''] = blocks('mermaid');
    const names = [...picture.matchAll(/"[^"]*?\b([a-z]+(?:-[a-z]+)+)[^"]*"/g)].map(([, name]) => name);
    const functions = new Set(FUNCTIONS.map(({ name }) => name));
    expect(names.filter((name) => name === 'cancel-order' || name?.startsWith('settle'))).toHaveLength(2);
    expect(names.filter((name) => name !== 'drop-in' && !functions.has(name ?? ''))).toEqual([]);

    const states = ['calling', ...OUTCOMES] as const;
    const allowed = states.flatMap((from) => states.filter((to) => mayMove(from, to)).map((to) => `${from} → ${to}`));
    const drawn = [...life.matchAll(/^ {4}(\w+) --> (\w+):/gm)].map(([, from, to]) => `${from} → ${to}`);
    expect(drawn.filter((move) => !allowed.includes(move))).toEqual([]);
    for (const state of states) expect(drawn.join()).toContain(state);
  });

  it('name only files and scripts that are there', () => {
    const files = [...text.matchAll(/`((?:functions|infra|test|\.ci|\.config)\/[a-z0-9./-]+)`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const named = [...text.matchAll(/\bnpm (?:run ([a-z:-]+)|(start|test)\b)/g)].map(
      ([, run, own]) => run ?? own ?? '',
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    expect(Object.keys(scripts).filter((script) => !named.includes(script))).toEqual(
      // Parts of `check`.
      ['types', 'lint', 'format', 'dead-code', 'layout', 'openapi-lint'],
    );
  });

  it('show no command of npm’s, npx’s or aws’s but these', () => {
    for (const command of commands('sh npm')) {
      expect(command).toMatch(
        /^(npm ci|npm start|npm run [a-z-]+( -- .*)?|npx cdk deploy|aws secretsmanager put-secret-value --secret-id \S+ --secret-string \S+)$/,
      );
    }
  });

  it.each(READMES)('%s links only to what is there', (readme) => {
    const links = [...readReadme(readme).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to ?? '');
    const broken = links
      .filter((to) => !/^https?:/.test(to))
      .filter((to) => {
        const [path = '', anchor] = to.split('#');
        const file = path === '' ? readme : join(dirname(readme), path);
        if (!existsSync(join(root, file))) return true;
        return anchor !== undefined && !anchorsOf(file).has(anchor);
      });
    expect(broken).toEqual([]);
  });

  it('are reached from the top one', () => {
    const seen = new Set<string>();
    const visit = (readme: string) => {
      if (seen.has(readme)) return;
      seen.add(readme);
      for (const [, to = ''] of readReadme(readme).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        const path = join(dirname(readme), to.endsWith('/') ? `${to}README.md` : to);
        if (READMES.includes(path)) visit(path);
      }
    };
    visit('README.md');
    expect([...seen].sort()).toEqual([...READMES].sort());
  });

  it.each(READMES)('%s has short lines and plain words', (readme) => {
    const prose = readReadme(readme).replace(/^```[^]*?^```$/gm, '');
    const lines = prose.split('\n').filter((line) => !line.startsWith('|'));
    expect(lines.filter((line) => line.length > 150)).toEqual([]);
    // A habit that a reader stumbles over: "at most", "at least", "whose", "leave alone".
    expect(prose.match(/\b(at the (most|least)|of which|lets? (be|it be)|is (no|any) rule's)\b/gi) ?? []).toEqual([]);
  });

  it('change no order in two READMEs, so that each can be tried by itself', () => {
    const changed = READMES.flatMap((readme) => {
      const lines = [
        ...session(readme).map(({ command }) => command),
        ...['sh curl', 'sh call', 'ts', 'python'].flatMap((tag) => blocks(tag, readme)),
      ];
      const orders = lines.flatMap((line) => ordersChangedBy(line));
      return [...new Set(orders)].map((order) => ({ order, readme }));
    });
    expect(changed.length).toBeGreaterThan(20);
    const twice = changed.filter(({ order }, index) => changed.findIndex((one) => one.order === order) !== index);
    expect(twice).toEqual([]);
  });
});

/** The orders that a command cancels, restores, deletes or makes misbehave; none of a dry run's. */
function ordersChangedBy(text: string): string[] {
  if (/dryRun/.test(text) && !/MessageBody/.test(text)) return [];
  const estoka = /loja-rio|\/organizations\/1\/|:4001|webhooks/.test(text);
  const account = estoka ? 'loja-rio' : 'toko-jaya';
  const ids = [
    ...text.matchAll(/orders\/(\d+)\/(?:cancel|restore)/g),
    ...text.matchAll(/orderId\\?["']?: \\?["'](\d+)/g),
    ...text.matchAll(/"orderId":"(\d+)"/g),
    ...text.matchAll(/"(?:object_id|id)": ?(\d+)/g),
    ...text.matchAll(/"value":"(\d+)"/g),
    ...text.matchAll(/-X PUT .*_sandbox\/orders\/(\d+)/g),
    ...text.matchAll(/cancelled-orders\/(\d+);/g),
  ];
  return ids.map(([, id]) => `${account} ${id}`);
}

/** As GitHub makes them of headings. */
function anchorsOf(readme: string): Set<string> {
  const headings = readReadme(readme)
    .replace(/^```[^]*?^```$/gm, '')
    .matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

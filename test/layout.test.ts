import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { FUNCTIONS } from '../infra/functions.ts';

const root = join(import.meta.dirname, '..');
const sources = globSync('{functions,infra}/**/*.ts', { cwd: root }).sort();
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const lambdas = sources.filter((file) => dirname(file) === 'functions');
/** What is run, not imported: running is their work. */
const PROGRAMS = [
  'infra/app.ts',
  'infra/token.ts',
  'infra/local/record-examples.ts',
  'infra/openapi/write.ts',
  'infra/local/start.ts',
  'infra/local/aws/worker.ts',
];

interface Import {
  from: string;
  to: string;
  isType: boolean;
}

/** Every import of one of our files by another. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']+)'|^import\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm,
  );
  return [...statements].map(([, type, named, bare, dynamic]) => ({
    from: file,
    to: relative(root, join(root, dirname(file), named ?? bare ?? dynamic ?? '')),
    isType: type !== undefined,
  }));
}

const PROVIDER_FOLDER = /^functions\/providers\/[^/]+\//;

/** Schemas of requests and replies, for the OpenAPI document and for types. */
const CONTRACT =
  /^functions\/(http\/(contract|reply-headers|reply-bodies|problem-types|ask-contract)|drop-in\/[a-z-]+-contract)\.ts$/;

/** The import table of the design, section 7, one line for each kind of importer, the narrowest first. */
const RULES: { importer: RegExp; may: (to: string, one: Import) => boolean }[] = [
  { importer: /^functions\/[^/]+\.ts$/, may: (to) => /^functions\/[^/]+\//.test(to) },
  {
    // What decides: takes values and returns values.
    importer: /^functions\/operations\/rules\//,
    may: (to, { isType }) =>
      /^functions\/(operations\/rules\/|runtime\/(canonical-json|cut|personal-values)\.ts$)/.test(to) ||
      to === 'functions/providers/cancelled-order.ts' ||
      (isType && /^functions\/providers\/(provider|call-failure)\.ts$/.test(to)),
  },
  {
    importer: /^functions\/operations\/ledger\//,
    may: (to) => /^functions\/(operations\/(ledger|rules)|runtime)\//.test(to),
  },
  {
    importer: /^functions\/operations\//,
    may: (to, { isType }) =>
      /^functions\/(operations|runtime)\//.test(to) ||
      to === 'functions/providers/cancelled-order.ts' ||
      (isType && /^functions\/providers\/(provider|call-failure|connections)\.ts$/.test(to)),
  },
  {
    // Reads over several connections: knows no HTTP, and no provider by name.
    importer: /^functions\/listing\//,
    may: (to, { isType }) =>
      /^functions\/(listing|operations|runtime)\//.test(to) ||
      /^functions\/providers\/(cancelled-order|time-zone)\.ts$/.test(to) ||
      (isType && /^functions\/providers\/(provider|call-failure|connections)\.ts$/.test(to)),
  },
  {
    importer: PROVIDER_FOLDER,
    may: (to, { from }) =>
      to.startsWith(`${dirname(from)}/`) ||
      (/^functions\/providers\/[^/]+\.ts$/.test(to) && !/\/(registry|connections)\.ts$/.test(to)),
  },
  {
    importer: /^functions\/providers\/registry\.ts$/,
    may: (to) => /^functions\/providers\/(provider|([^/]+)\/\2)\.ts$/.test(to),
  },
  { importer: /^functions\/providers\//, may: (to) => /^functions\/(providers\/[^/]+\.ts$|runtime\/)/.test(to) },
  {
    // Schemas of what is answered: for the OpenAPI document, and for types. `npm run check` holds that no bundle has them.
    importer: CONTRACT,
    may: (to, { isType }) =>
      isType ||
      CONTRACT.test(to) ||
      /^functions\/(idempotency\/idempotency-key|operations\/rules\/(operation-view|verdict)|providers\/(provider|cancelled-order)|exports\/export-states)\.ts$/.test(
        to,
      ),
  },
  {
    importer: /^functions\/http\//,
    may: (to, { isType }) =>
      isType ||
      /^functions\/(http\/|[^/]+(\/ledger)?\/errors\.ts$|operations\/(sums|rules\/(operation|view-of))\.ts$|runtime\/(?:logger|cut|exact-json|redact|personal-values|schema-problems)\.ts$|providers\/written-number\.ts$|exports\/file-name\.ts$)/.test(
        to,
      ),
  },
  { importer: /^functions\/runtime\//, may: (to, { from }) => dirname(to) === dirname(from) },
  { importer: /^functions\/idempotency\//, may: (to) => /^functions\/(idempotency|runtime)\//.test(to) },
  {
    importer: /^functions\/webhooks\//,
    may: (to, { isType }) =>
      /^functions\/(webhooks|idempotency|runtime)\//.test(to) ||
      to === 'functions/operations/ask-fields.ts' ||
      (isType && to.startsWith('functions/operations/')),
  },
  {
    importer: /^functions\/exports\//,
    may: (to, { isType }) =>
      /^functions\/(exports|runtime)\//.test(to) ||
      to === 'functions/providers/cancelled-order.ts' ||
      (isType && to === 'functions/operations/rules/operation-view.ts'),
  },
  { importer: /^functions\/access\//, may: (to) => /^functions\/(access|runtime)\//.test(to) },
  {
    importer: /^functions\/drop-in\//,
    may: (to, { isType }) =>
      isType ||
      /^functions\/(drop-in|exports|http|idempotency|operations|runtime)\//.test(to) ||
      /^functions\/providers\/(errors|written-number)\.ts$/.test(to),
  },
  { importer: /^functions\/assembly\//, may: (to) => /^functions\/[^/]+\//.test(to) },
  {
    // What the triggers besides HTTP are made of: commands in, outcomes out, tasks, and batches of orders.
    importer: /^functions\/(commands|batches|outbox|tasks)\//,
    may: (to, { isType }) =>
      /^functions\/(commands|batches|outbox|tasks|operations|idempotency|runtime)\//.test(to) ||
      /^functions\/[^/]+\/errors\.ts$/.test(to) ||
      (isType && /^functions\/(http\/reply-bodies|providers\/connections)\.ts$/.test(to)),
  },
  {
    // The API's document is made of what the functions say of their routes.
    importer: /^infra\/openapi\//,
    may: (to) => to.startsWith('infra/') || /^functions\/(http|outbox)\//.test(to),
  },
  {
    importer: /^infra\//,
    may: (to, { from }) =>
      to.startsWith('infra/') ||
      /^functions\/(providers\/(registry|connections|errors)|access\/scopes|outbox\/event-names|webhooks\/(declarations|errors|order-id-pattern|webhook-secrets)|runtime\/(bounded-json|environment|log-codes|schema-problems))\.ts$/.test(
        to,
      ) ||
      (/^infra\/(token\.ts|local\/)/.test(from) && /^functions\/(access|runtime)\//.test(to)),
  },
];

/**
 * The rooms from the top to the bottom, several of one height in one line: an import goes down, or stays in its line. The registry of
 * providers alone goes up, as it names them.
 */
const HEIGHTS = [
  ['infra/local'],
  ['infra/local/lines'],
  ['infra/local/aws', 'infra/local/sandbox'],
  ['infra/local/template'],
  ['infra', 'infra/openapi', 'infra/bundled'],
  ['functions'],
  ['functions/assembly'],
  ['functions/drop-in'],
  ['functions/http'],
  ['functions/commands', 'functions/outbox', 'functions/tasks', 'functions/webhooks'],
  ['functions/batches', 'functions/exports', 'functions/listing'],
  ['functions/operations/unpaid'],
  ['functions/operations'],
  ['functions/operations/ledger'],
  ['functions/operations/rules'],
  ['functions/access', 'functions/idempotency', 'functions/providers/estoka', 'functions/providers/ngorder'],
  ['functions/providers'],
  ['functions/runtime'],
];

const importsFrom = new Map(sources.map((file) => [file, importsOf(file)]));

/** Whether a file is reached by its own imports. */
function isInCircle(file: string): boolean {
  const reached = new Set<string>();
  const queue = [file];
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    for (const { to } of importsFrom.get(one) ?? []) {
      if (reached.has(to)) continue;
      reached.add(to);
      queue.push(to);
    }
  }
  return reached.has(file);
}

describe('the layout', () => {
  it('has no circle of files', () => {
    expect(sources.filter(isInCircle)).toEqual([]);
  });

  it('has no import that goes up', () => {
    const height = (file: string) => HEIGHTS.findIndex((rooms) => rooms.includes(dirname(file)));
    expect(sources.filter((file) => height(file) === -1)).toEqual([]);
    const up = sources
      .filter((file) => file !== 'functions/providers/registry.ts')
      .flatMap(importsOf)
      .filter(({ from, to }) => to.endsWith('.ts') && height(to) < height(from));
    expect(up.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('keeps clock, chance, AWS and all other I/O out of the rules', () => {
    const rules = sources.filter((file) => file.startsWith('functions/operations/rules/'));
    const impure = rules.filter((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const packages = [...text.matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name ?? '');
      return (
        packages.some((name) => !['zod', 'node:crypto'].includes(name)) ||
        /\b(Date\.now|new Date\(\)|Math\.random|random(Bytes|UUID|Int)|process|fetch|setTimeout|await)\b/.test(text)
      );
    });
    expect(rules.length).toBeGreaterThan(5);
    expect(impure).toEqual([]);
  });

  it.each(RULES)('$importer imports only what its place may', ({ importer, may }) => {
    const first = (file: string) => RULES.find((rule) => rule.importer.test(file))?.importer;
    const imports = sources.filter((file) => first(file) === importer).flatMap(importsOf);
    expect(imports.filter((one) => !may(one.to, one)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('has a rule for every file', () => {
    expect(sources.filter((file) => !RULES.some(({ importer }) => importer.test(file)))).toEqual([]);
  });

  it('has a row in infra/functions.ts for every file directly in functions/, and the other way round', () => {
    expect(FUNCTIONS.map(({ name }) => `functions/${name}.ts`).sort()).toEqual(lambdas);
  });

  it('begins the log in the chains alone, besides the authorizer, which API Gateway asks', () => {
    const beginners = sources.filter((file) => /\blog\.begin\(/.test(readFileSync(join(root, file), 'utf8')));
    expect(beginners).toEqual([
      'functions/authorize.ts',
      'functions/http/chain.ts',
      'functions/runtime/event-chain.ts',
    ]);
  });

  it('names no provider where operations are', () => {
    const texts = sources
      .filter((file) => /^functions\/(operations|listing)\//.test(file))
      .map((file) => readFileSync(join(root, file), 'utf8'));
    expect(texts.filter((text) => /estoka|ngorder/i.test(text))).toEqual([]);
  });

  it('holds nothing at the top but what the design names', () => {
    const tracked = globSync('*', { cwd: root }).filter(
      (name) => !['node_modules', 'cdk.out', 'coverage'].includes(name),
    );
    expect(tracked.sort()).toEqual(
      [
        'LICENSE',
        'README.md',
        'cdk.json',
        'functions',
        'infra',
        'package-lock.json',
        'package.json',
        'test',
        'tsconfig.json',
      ].sort(),
    );
  });

  it('has each test file run by one command, and by no other', async () => {
    const configs = Object.values(scripts).flatMap((script) => script.match(/\.config\/jest[a-z-]*\.json/) ?? []);
    expect(configs.length).toBeGreaterThan(2);
    const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--listTests'];
    const lists = await Promise.all(
      configs.map((config) => promisify(execFile)(process.execPath, [...jest, '--config', config], { cwd: root })),
    );
    const run = lists.flatMap(({ stdout }) => stdout.trim().split('\n')).map((file) => relative(root, file));
    expect(run.sort()).toEqual(globSync('test/**/*.test.ts', { cwd: root }).sort());
  });

  it('has .ci/run do each check and each kind of tests once, the quick ones first', () => {
    const steps = readFileSync(join(root, '.ci', 'run'), 'utf8').matchAll(/^step (.*)$/gm);
    const checks = (scripts['check'] ?? '').split(' && ');
    expect([...steps].map(([, command]) => command)).toEqual([
      'npm ci',
      ...checks,
      'npm run synth',
      'npm test',
      'npm run test:stack',
      'npm run test:long',
    ]);
  });

  it('has no barrel and no drawer for everything', () => {
    expect(sources.filter((file) => /(^|\/)(index|utils?|common|shared|helpers?|service)(\.ts|\/)/.test(file))).toEqual(
      [],
    );
    const barrels = sources.filter((file) =>
      /^(export (\*|\{[^}]*\}) from [^;]+;\s*)+$/.test(readFileSync(join(root, file), 'utf8').trim()),
    );
    expect(barrels).toEqual([]);
  });

  it('does no work when a file is imported, with an empty environment', async () => {
    const importable = sources.filter((file) => !PROGRAMS.includes(file));
    const program = `
      // Opened at their first use, by whoever that is.
      void [process.stdout, process.stderr];
      const notes = [];
      const before = process.getActiveResourcesInfo().length;
      for (const file of ${JSON.stringify(importable)}) {
        try {
          await import('./' + file);
        } catch (error) {
          notes.push(file + ' throws: ' + error);
        }
        if (process.getActiveResourcesInfo().length > before) notes.push(file + ' leaves ' + process.getActiveResourcesInfo());
      }
      process.stdout.write(notes.join('\\n'));`;
    const run = promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], {
      cwd: root,
      env: {},
    });
    expect(await run).toEqual({ stdout: '', stderr: '' });
  });
});

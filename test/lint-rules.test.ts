import { expect, it } from '@jest/globals';
import { Linter } from 'eslint';
import ts from 'typescript';
import tseslint from 'typescript-eslint';
import * as z from 'zod';

const RULE = 'countermand/effect-names';
const HOUSE_RULES = '../.config/eslint.js';

const blockSchema = z.looseObject({
  files: z.optional(z.array(z.string())),
  plugins: z.optional(z.custom<NonNullable<Linter.Config['plugins']>>()),
  rules: z.optional(z.record(z.string(), z.unknown())),
});

/** The block of the project's lint that turns the rule on, for every file. */
async function houseBlock() {
  const module: unknown = await import(HOUSE_RULES);
  const { default: blocks } = z.object({ default: z.array(blockSchema) }).parse(module);
  const [block, ...others] = blocks.filter(({ rules }) => rules?.[RULE] !== undefined);
  expect(block).toMatchObject({ rules: { [RULE]: 'error' } });
  expect([block?.files, others]).toEqual([undefined, []]);
  return { plugins: block?.plugins ?? {}, rules: { [RULE]: 'error' as const } };
}

/** A program of one file without TypeScript's own library, which would take seconds to read. */
function programOf(text: string): ts.Program {
  const file = ts.createSourceFile('one.ts', text, ts.ScriptTarget.ESNext, true);
  return ts.createProgram(
    ['one.ts'],
    { noLib: true, target: ts.ScriptTarget.ESNext },
    {
      ...ts.createCompilerHost({}),
      getSourceFile: (name) => (name === 'one.ts' ? file : undefined),
      getCurrentDirectory: () => '',
    },
  );
}

/** The names in a text that the project's lint takes for no names of effects. */
async function namesRefused(text: string): Promise<(string | undefined)[]> {
  const parserOptions = { programs: [programOf(text)] };
  const messages = new Linter().verify(
    text,
    [{ ...(await houseBlock()), files: ['**/*.ts'], languageOptions: { parser: tseslint.parser, parserOptions } }],
    'one.ts',
  );
  return messages.map(({ ruleId, message }) => (ruleId === RULE ? /`(\w+)`/.exec(message)?.[1] : message));
}

const LIBRARY = `
  interface Promise<T> { then(value: T): void }
  interface AsyncGenerator<T> { next(): Promise<T> }
  declare function fetch(): Promise<string>;
`;

it.each([
  ['recorded', 'async function recorded() {}'],
  ['keptOrder', 'const keptOrder = async () => null;'],
  ['told', 'function told(): Promise<string> { return fetch(); }'],
  ['askedAgain', 'const askedAgain = () => fetch();'],
  ['withheld', 'async function* withheld(): AsyncGenerator<number> { yield 1; }'],
  ['moved', 'interface Ledger { moved(): Promise<void> }'],
  ['written', 'interface Ledger { readonly written: () => Promise<void> }'],
  ['sent', 'class Bus { async sent() {} }'],
  ['overwritten', 'const bus = { async overwritten() {} };'],
  ['bound', 'const bus = { bound: () => fetch() };'],
  ['found', 'async function look() { const found = async () => null; return found(); }'],
])('the lint refuses the participle %s as the name of an effect', async (name, text) => {
  expect(await namesRefused(LIBRARY + text)).toEqual([name]);
});

it.each([
  'async function recordMove() {}',
  'async function feedAll() {}',
  'const seedOrders = async () => null;',
  'async function proceed() {}',
  'async function putOrder() {}',
  'async function redactTexts() {}',
  'const moved = (name: string) => name;',
  'const taken: Promise<string> = fetch();',
  'declare function wrap(one: () => Promise<string>): () => Promise<string>; const watched = wrap(fetch);',
])('the lint leaves verbs and values alone: %s', async (text) => {
  expect(await namesRefused(LIBRARY + text)).toEqual([]);
});

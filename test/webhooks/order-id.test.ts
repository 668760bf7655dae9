import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { SearchGivenUp } from '../../functions/webhooks/errors.ts';
import { isPath, orderIdIn } from '../../functions/webhooks/order-id.ts';
import { allReadmes } from '../support/readmes.ts';

const order = JSON.parse(
  readFileSync(new URL('fixtures/shopify-order-cancelled.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const find = (orderIdPath: string, orderIdPattern?: string, changes: Record<string, string | number> = {}) =>
  orderIdIn({ ...order, ...changes }, { orderIdPath, orderIdPattern });

describe('the provider’s order id in a shop’s order', () => {
  it.each([
    ['a note attribute', "note_attributes[?name=='estoka_order_id'].value | [0]", undefined],
    ['the only note attribute of a name', "note_attributes[?name=='estoka_order_id'].value", undefined],
    ['a metafield', "metafields[?namespace=='estoka' && key=='order_id'].value | [0]", undefined],
    ['a tag', 'tags', '\\bestoka-(\\d+)\\b'],
  ])('is found in %s', (_, path, pattern) => {
    expect(find(path, pattern)).toBe('342');
  });

  it('is found by what the READMEs show, and nowhere else in the order', () => {
    const rows = [
      ...allReadmes().matchAll(
        /^\| [^|]*(?:note attribute|tag|metafield)[^|]* \| `((?:[^`])+)` +\| (?:`([^`]+)`)? *\|$/gm,
      ),
    ];
    const found = rows.map(([, path = '', pattern]) =>
      find(path.replace('\\|', '|'), pattern && (JSON.parse(`"${pattern}"`) as string)),
    );
    expect(found).toEqual(['342', '342', '342']);
  });

  it('may be a number, or have white space around it', () => {
    expect(find('number', undefined, { number: 342 })).toBe('342');
    expect(find('tags', undefined, { tags: ' 342\n' })).toBe('342');
  });

  it.each([
    ['nowhere', "note_attributes[?name=='other'].value | [0]", undefined, {}],
    ['nowhere in the tag', 'tags', '\\bngorder-(\\d+)\\b', {}],
    ['two in one tag list', 'tags', 'estoka-(\\d+)', { tags: 'estoka-341, estoka-342' }],
    ['two note attributes', 'note_attributes[].value', undefined, {}],
    ['an object', 'customer', undefined, {}],
    ['a fraction', 'n', undefined, { n: 1.5 }],
    ['more than a number can hold, and digits lost', 'n', undefined, { n: 2 ** 53 }],
    ['nothing to search by the pattern', 'nothing', '(\\d+)', {}],
    ['a function of what is not there', "join('', nothing)", undefined, {}],
  ] as [string, string, string | undefined, Record<string, string | number>][])(
    'is none where there is %s',
    (_, path, pattern, changes) => {
      expect(find(path, pattern, changes)).toBeNull();
    },
  );

  it.each([
    ['a group that takes no part', 'tags', 'none|estoka-(\\d+)', { tags: 'none, estoka-342' }],
    ['words that JavaScript writes in its own way', 'tags', 'pedido\\u00e7\\/(?<id>[0-9]+)', { tags: 'pedidoç/342' }],
    ['letter case that does not count', 'tags', '(?i)ESTOKA-(\\d+)', {}],
  ])('is found with %s', (_, path, pattern, changes) => {
    expect(find(path, pattern, changes)).toBe('342');
  });

  const tags = 'pedido '.repeat(2_800);
  it.each([
    ['that a backtracking engine would never end', '(?:\\w+\\s*)+-(\\d+)', tags, null],
    ['with the id at its end', '(?:\\w+\\s*)+-(\\d+)', `${tags}-342`, '342'],
    ['that only white space fills', '\\s*(\\s*\\s*)*x(\\d+)'.replace('(\\s', '(?:\\s'), ' '.repeat(20_000), null],
  ])('is looked for in a long text %s', (_, pattern, text, id) => {
    expect(find('tags', pattern, { tags: text })).toBe(id);
  });

  it.each([
    ['a text of more than 20,000 characters', '(\\d)', '7'.padStart(20_000, 'x'), 'The text is too long.'],
    [
      'a text in which the pattern matches more than 20 times',
      '(7)(?:.*z)?',
      '7'.repeat(20),
      'The pattern matches too often.',
    ],
  ])('is not made up of a part of %s', (_, pattern, text, words) => {
    expect(find('tags', pattern, { tags: text })).toBe('7');
    expect(() => find('tags', pattern, { tags: `${text.slice(0, 1)}${text}` })).toThrow(new SearchGivenUp(words));
  });

  it('is looked for by a pattern as large as its work in a text of that length allows', () => {
    // 250 and 125 instructions: 5,000,000 steps are two searches through 10,000 characters, and four.
    const text = (ids: string, length: number) => ids.padStart(length, ' ');
    const [large, half] = [`(\\d+)x{244}`, `(\\d)x{119}`];
    const once = `7${'x'.repeat(244)}`;
    const often = (times: number) => `7${'x'.repeat(119)}`.repeat(times);
    expect(find('tags', large, { tags: `-${text(once, 9_999)}` })).toBe('7');
    expect(find('tags', half, { tags: `-${text(often(3), 9_999)}` })).toBe('7');
    for (const [pattern, tags] of [
      [large, `-${text(once, 10_000)}`],
      [half, `-${text(often(4), 9_999)}`],
    ]) {
      expect(() => find('tags', pattern, { tags: tags ?? '' })).toThrow('The pattern costs too much in a text of this');
    }
  });

  it('is found by a path of five hundred characters at most', () => {
    expect([500, 501].map((length) => isPath('a'.repeat(length)))).toEqual([true, false]);
  });

  it('is one where the same is there twice', () => {
    expect(find('tags', 'estoka-(\\d+)', { tags: 'estoka-342, vip, estoka-342' })).toBe('342');
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { InvalidWebhooks } from '../../functions/webhooks/errors.ts';
import { problemOfPattern } from '../../functions/webhooks/order-id-pattern.ts';
import { parseWebhooks } from '../../functions/webhooks/declarations.ts';
import { blocks } from '../support/readmes.ts';

const connections = new Map([
  ['loja-rio', { provider: 'estoka', settings: { organizationId: 1 } }],
  ['loja-norte', { provider: 'estoka', settings: { organizationId: 2 } }],
  ['other-account', { provider: 'estoka', settings: { organizationId: 1 } }],
  ['toko-jaya', { provider: 'ngorder', settings: {} }],
]);
const parse = (json: unknown) => parseWebhooks(json, connections, problemOfPattern);
const shop = { kind: 'shopify', connection: 'toko-jaya', orderIdPath: 'tags' };

describe('declared webhooks', () => {
  it('are known by their names', () => {
    const declared = parse({
      stock: { kind: 'estoka', connections: ['loja-rio', 'loja-norte'] },
      checkout: { kind: 'standard', connections: ['loja-rio', 'toko-jaya'] },
      shop: { ...shop, orderIdPattern: 'ngorder-(\\d+)' },
    });
    expect(declared.get('stock')).toEqual({ name: 'stock', kind: 'estoka', connections: ['loja-rio', 'loja-norte'] });
    expect([...declared.keys()]).toEqual(['stock', 'checkout', 'shop']);
  });

  it.each([
    [[], 'These webhooks cannot be used: webhooks: must be an object of webhooks by name'],
    [{ Stock: { kind: 'standard', connections: ['loja-rio'] } }, 'Stock: a name has'],
    [{ a_: { kind: 'standard', connections: ['loja-rio'] } }, 'a_: a name has'],
    [{ a: { kind: 'stripe' } }, /: a\.kind: must be one of estoka, standard, shopify$/],
    [{ a: { kind: 'standard', connections: [] } }, 'a.connections'],
    [{ a: { kind: 'standard' } }, 'a.connections'],
    [{ a: { kind: 'standard', connections: ['loja-sul'] } }, 'a.connections: there is no connection named loja-sul'],
    [{ a: { kind: 'standard', connections: ['loja-rio'], secret: 'x' } }, 'a.secret: is not a field'],
    [{ a: { kind: 'estoka', connections: ['toko-jaya'] } }, 'a.connections: toko-jaya is not a connection to Estoka'],
    [
      { a: { kind: 'estoka', connections: ['loja-rio', 'loja-norte', 'other-account'] } },
      'a.connections: loja-rio and other-account are of the same organization',
    ],
    [{ a: { ...shop, connection: 'loja-sul' } }, 'a.connection: there is no'],
    [{ a: { ...shop, orderIdPath: 'note_attributes[?' } }, 'a.orderIdPath: is not a JMESPath expression'],
    [{ a: { ...shop, orderIdPath: '' } }, 'a.orderIdPath: is not a JMESPath expression'],
    [{ a: { ...shop, orderIdPath: 'no_such_function(@)' } }, 'a.orderIdPath: is not a JMESPath expression'],
    [{ a: { ...shop, orderIdPattern: '(' } }, 'a.orderIdPattern'],
    [{ a: { ...shop, orderIdPattern: '\\d+' } }, 'a.orderIdPattern: must have exactly one group, the order id'],
    [{ a: { ...shop, orderIdPattern: '(a)(b)' } }, 'a.orderIdPattern: must have exactly one group, the order id'],
    [
      { a: { ...shop, orderIdPattern: '(?<=estoka-)(\\d+)' } },
      'a.orderIdPattern: is not a regular expression in RE2 syntax',
    ],
    [{ a: { ...shop, orderIdPattern: '(\\d+)(?!\\d)' } }, 'without look-ahead'],
    [{ a: { ...shop, orderIdPattern: '(\\d)\\1' } }, 'back-references'],
    [{ a: { ...shop, orderIdPattern: '(?:x?){900}(\\d)' } }, 'a.orderIdPattern: is too large'],
    [{ a: { ...shop, orderIdPattern: `${'('.repeat(9_999)}a${')'.repeat(9_999)}` } }, 'a.orderIdPattern'],
    [{ a: { ...shop, orderIdPath: '('.repeat(50_000) } }, 'a.orderIdPath: is not a JMESPath expression'],
    [{ a: { ...shop, orderIdPath: '[@,@]|'.repeat(100) } }, 'a.orderIdPath: is not a JMESPath expression'],
  ])('%j cannot be used, and the field is named', (json, words) => {
    expect(() => parse(json)).toThrow(InvalidWebhooks);
    expect(() => parse(json)).toThrow(words);
  });

  it.each([
    [
      { ...shop, connection: 'loja-sul', orderIdPath: '', orderIdPattern: '(', secret: 'x' },
      ['connection: there is no', 'orderIdPath: is not', 'orderIdPattern: is not', 'secret: is not a field'],
    ],
    [{ kind: 'shopify', orderIdPattern: '(a)(b)' }, ['connection: is missing', 'orderIdPath: is', 'orderIdPattern: ']],
    [{ kind: 'standard', connections: ['loja-sul'], secret: 'x' }, ['connections: there is no', 'secret: is not a']],
    [
      { kind: 'estoka', connections: ['loja-rio', 'toko-jaya', 'other-account'], secret: 'x' },
      ['toko-jaya is not a connection to Estoka', 'loja-rio and other-account are of', 'secret: is not a field'],
    ],
  ])('%j are told all that is wrong at once', (fields, words) => {
    for (const one of words) expect(() => parse({ a: fields })).toThrow(one);
  });

  it('of the READMEs are those of cdk.json', () => {
    const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
    const [webhooks = ''] = blocks('json webhooks');
    const { context } = JSON.parse(read('cdk.json')) as { context: { webhooks: unknown } };
    expect(JSON.parse(webhooks)).toEqual(context.webhooks);
    expect(parse(context.webhooks).size).toBe(3);
  });

  it('may search by a pattern of 250 instructions, and by no larger one', () => {
    expect(['(\\d+)x{244}', '(\\d+)x{245}'].map(problemOfPattern)).toEqual([
      null,
      'is too large: use fewer repetitions',
    ]);
  });

  it('may join what an order does not have', () => {
    expect(() => parse({ a: { ...shop, orderIdPath: "join('', tags)" } })).not.toThrow();
  });
});

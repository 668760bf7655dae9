import { describe, expect, it } from '@jest/globals';
import { createConnections, parseConnections } from '../../functions/providers/connections.ts';
import { InvalidConnections, InvalidOrderId, UnknownConnection } from '../../functions/providers/errors.ts';
import { SecretUnreadable } from '../../functions/runtime/errors.ts';
import { systemClock } from '../../functions/runtime/clock.ts';
import { accountKeys } from '../support/account-names.ts';

const estoka = { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 1 };
const ngorder = { provider: 'ngorder', baseUrl: 'http://127.0.0.1:4002' };
const rule = { olderThanHours: 48, origins: ['STORE_FRONT'] };
const withRule = (changes: object) => ({ loja: { ...ngorder, cancelUnpaid: { ...rule, ...changes } } });

function problemsOf(json: unknown): readonly string[] {
  try {
    parseConnections(json);
  } catch (error) {
    if (error instanceof InvalidConnections) return error.problems;
    throw error;
  }
  return [];
}

describe('declared connections', () => {
  it('have defaults', () => {
    const declarations = parseConnections({ 'loja-rio': estoka, 'toko-jaya': ngorder });
    expect(declarations.get('loja-rio')).toEqual({
      name: 'loja-rio',
      provider: 'estoka',
      baseUrl: 'https://estoka.example',
      quietPeriodSeconds: 120,
      timeZone: 'America/Sao_Paulo',
      timeoutSeconds: 15,
      settings: { organizationId: 1 },
    });
    expect(declarations.get('toko-jaya')?.settings).toEqual({ timeZone: 'Asia/Jakarta' });
  });

  it.each([
    ['loja.baseUrl', { loja: { ...estoka, baseUrl: 'http://estoka.example' } }],
    ['loja.baseUrl', { loja: { ...estoka, baseUrl: 'https://user:pass@estoka.example' } }],
    ['loja.baseUrl', { loja: { ...estoka, baseUrl: 'estoka' } }],
    ['loja.baseUrl', { loja: { provider: 'estoka', organizationId: 1 } }],
    ['loja.formerly.0', { loja: { ...estoka, formerly: ['http://estoka.example'] } }],
    ['loja.formerly', { loja: { ...estoka, formerly: 'https://estoka.example' } }],
    ['loja.provider', { loja: { ...estoka, provider: 'shopfy' } }],
    ['loja.organizationId', { loja: { ...estoka, organizationId: '1' } }],
    ['loja.organizationID', { loja: { ...estoka, organizationID: 1 } }],
    ['loja.credential', { loja: { ...estoka, credential: 'x' } }],
    ['loja.timeZone', { loja: { ...ngorder, timeZone: 'Jakarta' } }],
    ['loja.timeoutSeconds', { loja: { ...estoka, timeoutSeconds: 26 } }],
    ['loja.quietPeriodSeconds', { loja: { ...estoka, quietPeriodSeconds: 0 } }],
    ['loja.cancelUnpaid', { loja: { ...estoka, cancelUnpaid: rule } }],
    ['loja.cancelUnpaid', { loja: { ...ngorder, cancelUnpaid: true } }],
    ['loja.cancelUnpaid.olderThanHours', withRule({ olderThanHours: 23 })],
    ['loja.cancelUnpaid.olderThanHours', withRule({ olderThanHours: undefined })],
    ['loja.cancelUnpaid.origins', withRule({ origins: [] })],
    ['loja.cancelUnpaid.origins', withRule({ origins: undefined })],
    ['loja.cancelUnpaid.origins.1', withRule({ origins: ['APP', 'STOREFRONT'] })],
    ['loja.cancelUnpaid.origins.0', withRule({ origins: ['SHOPEE'] })],
    ['loja.cancelUnpaid.mostPerRun', withRule({ mostPerRun: 0 })],
    ['loja.cancelUnpaid.dryRun', withRule({ dryRun: 'no' })],
    ['loja.cancelUnpaid.dryrun', withRule({ dryrun: false })],
    ['Loja', { Loja: estoka }],
    ['loja', { loja: 'x' }],
    ['connections', {}],
    ['connections', undefined],
    ['connections', []],
  ])('name the wrong field %s', (field, json) => {
    const problems = problemsOf(json);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${field}: `));
  });

  it('have no rule for unpaid orders but where one is declared, and that is a dry run until it says otherwise', () => {
    const declared = parseConnections({ silent: ngorder, ...withRule({}) });
    expect(declared.get('silent')?.cancelUnpaid).toBeUndefined();
    expect(declared.get('loja')?.cancelUnpaid).toEqual({ ...rule, mostPerRun: 20, cashOnDelivery: true, dryRun: true });
    expect(parseConnections(withRule({ dryRun: false })).get('loja')?.cancelUnpaid?.dryRun).toBe(false);
  });

  it.each([
    ['the same text', 'https://estoka.example'],
    ['letter case', 'https://ESTOKA.example'],
    ['the port of the scheme', 'https://estoka.example:443/'],
    ['a trailing dot', 'https://estoka.example./'],
    ['a path', 'https://estoka.example/v2'],
  ])('are refused where two of them are one account, in one line that names both: %s', (_, baseUrl) => {
    const problems = problemsOf({ 'loja-rio': estoka, 'loja-2': { ...estoka, baseUrl } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^loja-2: .*\bloja-rio\b/);
  });

  it('are refused where one of them is at an address that another one had before it moved', () => {
    const moved = { ...estoka, baseUrl: 'https://new.example', formerly: ['https://estoka.example'] };
    expect(problemsOf({ 'loja-rio': moved, 'loja-2': estoka })).toEqual([expect.stringContaining('loja-rio')]);
    expect(problemsOf({ 'loja-2': estoka, 'loja-rio': moved })).toEqual([expect.stringContaining('loja-2')]);
  });

  it('may be several of one host, and several at one host of a provider whose credential tells accounts apart', () => {
    expect(problemsOf({ a: estoka, b: { ...estoka, organizationId: 2 }, c: ngorder, d: ngorder })).toEqual([]);
    const [here, there] = ['http://127.0.0.1:4001', 'http://127.0.0.1:4002'];
    expect(problemsOf({ a: { ...estoka, baseUrl: here }, b: { ...estoka, baseUrl: there } })).toEqual([]);
    for (const same of ['http://localhost:4001', 'http://127.0.0.2:4001', 'http://127.1:4001', 'http://[::1]:4001']) {
      expect(problemsOf({ a: { ...estoka, baseUrl: here }, b: { ...estoka, baseUrl: same } })).toHaveLength(1);
    }
  });

  it('name every wrong field at once', () => {
    expect(problemsOf({ a: { ...estoka, baseUrl: '', organizationId: 0 }, b: { provider: 'x' } })).toHaveLength(4);
  });
});

describe('connections', () => {
  const reads: [string, boolean][] = [];
  const connections = createConnections({
    declarations: parseConnections({
      'loja-rio': estoka,
      'loja-sp': { ...estoka, organizationId: 2 },
      'toko-jaya': ngorder,
      'toko-dua': { ...ngorder, baseUrl: 'https://ngorder.example' },
    }),
    readCredential: (name, { fresh }) => {
      reads.push([name, fresh]);
      return Promise.resolve(fresh ? 'rotated' : 'secret\n');
    },
    accountKeys,
    http: () => ({
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined },
      send: () => Promise.reject(new Error('unused')),
      read: () => Promise.reject(new Error('unused')),
    }),
  });

  it('are known by name', () => {
    expect(connections.names()).toEqual(['loja-rio', 'loja-sp', 'toko-jaya', 'toko-dua']);
    expect(connections.providerOf('toko-jaya').name).toBe('ngorder');
    expect(() => connections.get('constructor')).toThrow(UnknownConnection);
  });

  it("check order ids by their provider's form", () => {
    connections.checkOrderId('loja-rio', '340');
    expect(() => {
      connections.checkOrderId('loja-rio', 'A-340');
    }).toThrow(InvalidOrderId);
  });

  it.each(['hu\nsh', 'hu\rsh', 'húsh', 'hush\u200b', '\n'])(
    'are not opened with the credential %j, which no header can hold, and say so without it',
    async (credential) => {
      const opened = createConnections({
        declarations: parseConnections({ 'loja-rio': estoka }),
        readCredential: () => Promise.resolve(credential),
        accountKeys,
        http: () => {
          throw new Error('unused');
        },
      }).open('loja-rio');
      await expect(opened).rejects.toThrow(SecretUnreadable);
      await expect(opened).rejects.toThrow(/loja-rio .*one line/);
      await expect(opened).rejects.not.toThrow(/hu|sh/);
    },
  );

  it('tell credentials apart by a digest that shows neither, and keep accounts apart', async () => {
    const [rio, sp, rotated] = [
      await connections.open('loja-rio'),
      await connections.open('loja-sp'),
      await connections.open('loja-rio', { fresh: true }),
    ];
    expect(new Set([rio, sp, rotated].map(({ credentialDigest }) => credentialDigest)).size).toBe(3);
    expect(rio).toMatchObject({ name: 'loja-rio', timeoutMs: 15_000, quietPeriodMs: 120_000 });
    expect(JSON.stringify(rio)).not.toContain('secret');
    expect(reads).toEqual([
      ['loja-rio', false],
      ['loja-sp', false],
      ['loja-rio', true],
    ]);
  });

  it('have an account that is told by the credential where the declaration cannot tell it, and shows nothing of it', async () => {
    const accountOf = async (name: string, fresh = false) => (await connections.open(name, { fresh })).account;
    const [rio, jaya, dua] = [await accountOf('loja-rio'), await accountOf('toko-jaya'), await accountOf('toko-dua')];
    expect(rio).toEqual({ place: 'estoka estoka.example/1', formerPlaces: [], marks: ['estoka estoka.example/1'] });
    expect(connections.declaredAccount('loja-rio')).toEqual(rio);
    // The name of the connection and its host are no part of it.
    expect(jaya.marks).toEqual(dua.marks);
    expect(jaya.marks).toEqual([expect.stringMatching(/^ngorder [\w-]{43}$/)]);
    expect((await accountOf('toko-jaya', true)).marks).not.toEqual(jaya.marks);
    expect(connections.declaredAccount('toko-jaya')).toEqual({
      place: 'ngorder localhost:4002',
      formerPlaces: [],
      marks: [],
    });
  });
});

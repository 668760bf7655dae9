import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { dryRun } from '../../functions/operations/dry-run.ts';
import { readOriginal } from '../../functions/operations/read-original.ts';
import { systemClock } from '../../functions/runtime/clock.ts';
import { accounts } from '../support/accounts.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { withoutCredential } from '../../functions/providers/own-credential.ts';
import { startFakeProvider, type FakeProvider } from './fake-provider.ts';

const CREDENTIAL = 'Zk3/p+Q~canary.9x_B-77';
const SENT = `Token token=${CREDENTIAL}`;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const percent = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const escaped = (text: string) =>
  Array.from(text, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join('');

/** What a text shows of the credential, in every form that somebody could read it in. */
function shows(text: string, credential = CREDENTIAL): string[] {
  const plain = [text, decoded(text), decoded(decoded(text)), text.replace(/<[^<>]*>|\\n|\s|\u200b/g, '')];
  // Base64 without what the ends of a longer text would change.
  const inBase64 = ['', 'x', 'xy'].map((before) => base64(before + credential).slice(before.length + 1, -3));
  const forms = [credential, ...inBase64, ...inBase64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
  return forms.filter((form) => plain.some((one) => one.toLowerCase().includes(form.toLowerCase())));
}

function decoded(text: string): string {
  const bytes = text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return bytes
    .replace(/\\u([\da-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\\\//g, '/');
}

/** How a provider may quote what it was sent, in JSON and in a page. */
const QUOTES: [string, string][] = [
  ['as it is', CREDENTIAL],
  ['the whole header', SENT],
  ['in capitals', CREDENTIAL.toUpperCase()],
  ['in base64', base64(CREDENTIAL)],
  ['in base64url', Buffer.from(CREDENTIAL).toString('base64url')],
  ['the whole header in base64', base64(SENT)],
  ['with a user, in base64', base64(`x:${CREDENTIAL}`)],
  ['with two letters before it, in base64', base64(`ab${CREDENTIAL}cd`)],
  ['URL-encoded', encodeURIComponent(CREDENTIAL)],
  ['URL-encoded in small letters', encodeURIComponent(CREDENTIAL).toLowerCase()],
  ['URL-encoded to its last letter', percent(CREDENTIAL)],
  ['URL-encoded twice', encodeURIComponent(encodeURIComponent(CREDENTIAL))],
  ['in numbered entities', Array.from(CREDENTIAL, (character) => `&#${character.charCodeAt(0)};`).join('')],
  ['over two lines', `${CREDENTIAL.slice(0, 9)}\n  ${CREDENTIAL.slice(9)}`],
  ['with a tag in it', `${CREDENTIAL.slice(0, 9)}<wbr>${CREDENTIAL.slice(9)}`],
  ['with zero-width spaces', Array.from(CREDENTIAL).join('\u200b')],
];

const silent = { info: () => undefined, warn: () => undefined };

let dynamodb: TestDynamoDB;
let provider: FakeProvider;
let quote = '';
const order = (id: number) => ({
  id,
  status: `billing ${quote}`,
  data: { code: quote, comments: quote, [quote]: quote, items: [{ product_sku_id: quote }] },
  order_histories: [{ id: 1, status: 'created', message: quote }],
});
let body = () => '';

beforeAll(async () => {
  dynamodb = await startDynamoDB();
  provider = await startFakeProvider(({ method, path }) =>
    method === 'GET'
      ? { status: 200, body: JSON.stringify({ order: order(Number(/orders\/(\d+)/.exec(path)?.[1])) }) }
      : { status: 422, body: body() },
  );
});
afterAll(async () => {
  await provider.close();
  await dynamodb.stop();
});

let orders = 0;
/** What is kept and told of a cancel that is refused, and of the order. */
async function tellRefusal(credential = CREDENTIAL): Promise<string> {
  const name = 'loja-rio';
  const orderId = String((orders += 1));
  const { needs, cancel, credentials } = accounts(dynamodb, { [name]: { provider: 'estoka', fake: provider } });
  credentials.set(name, credential);
  // A text that is no JSON pauses the connection for a minute.
  await needs.health.pause(name, needs.clock.now(), null);
  const wanted = { connection: name, orderId };
  const told = [
    await cancel(name, orderId),
    await needs.ledger.find(name, orderId),
    await dryRun({ ...wanted, kind: 'cancel' }, needs, () => 20_000),
    await readOriginal(wanted, needs, () => 20_000),
  ];
  expect(told).toMatchObject([{ connection: name }, {}, { kind: 'read' }, { id: orders }]);
  return JSON.stringify(told);
}

const REPLY = { kind: 'reply', retryAfterMs: null, contentType: 'application/json', hasRequestId: false } as const;

describe('a credential that its provider quotes', () => {
  it.each(QUOTES)('%s, in JSON, is kept and told nowhere', async (_, quoted) => {
    quote = quoted;
    body = () => JSON.stringify({ errors: { token: [`acesso de ${quoted} não vale`] } });
    const told = await tellRefusal();
    expect(shows(told)).toEqual([]);
    expect(told).toContain('não vale');
  });

  it.each(QUOTES)('%s, in a text that is no JSON, is kept and told nowhere', async (_, quoted) => {
    quote = '';
    body = () => `acesso de ${quoted} não vale`;
    expect(shows(await tellRefusal())).toEqual([]);
  });

  it('behind JSON’s own escapes is kept and told nowhere', async () => {
    quote = '';
    body = () => `{"errors":"a \\"${escaped(CREDENTIAL)}\\" não vale","${CREDENTIAL.replaceAll('/', '\\/')}":1}`;
    expect(shows(await tellRefusal())).toEqual([]);
  });

  it.each(['+', '%20', '%2B', ' ', '_', '&#32;'])(
    'with "%s" for its spaces is kept and told nowhere',
    async (space) => {
      const credential = 'chave muito secreta';
      const quoted = credential.replaceAll(' ', space);
      for (const text of [quoted, `Token${space}token%3D${quoted}`]) {
        quote = '';
        body = () => JSON.stringify({ errors: { token: [`acesso de ${text} não vale`] } });
        expect(await tellRefusal(credential)).not.toMatch(/secreta/);
        body = () => `acesso de ${text} não vale`;
        expect(await tellRefusal(credential)).not.toMatch(/secreta/);
      }
    },
  );

  it('as a number is kept and told nowhere', async () => {
    quote = '';
    body = () => '{"errors":{"token":[123456789]}}';
    expect(await tellRefusal('123456789')).not.toContain('123456789');
  });

  it('of fewer than 8 characters may be any word', async () => {
    quote = '';
    body = () => '{"errors":"billing já"}';
    expect(await tellRefusal('billing')).toContain('billing já');
  });

  it('leaves the rest of a reply as it was sent', async () => {
    const sent = `{"b":${'9'.repeat(20)},"2":"x\\u00e9","1":1.50,"t":"of ${CREDENTIAL}"}`;
    const reply = { ...REPLY, status: 200, body: sent } as const;
    const http = withoutCredential(
      { clock: systemClock, log: silent, send: () => Promise.resolve(reply), read: () => Promise.resolve(reply) },
      CREDENTIAL,
    );
    const request = {
      method: 'GET',
      url: new URL('https://x.example'),
      pathTemplate: '/',
      headers: {},
      body: null,
      timeoutMs: 1,
    } as const;
    const expected = { ...reply, body: sent.replace(CREDENTIAL, '[redacted]') };
    expect(await http.read(request)).toEqual(expected);
    expect(await http.send(request)).toEqual(expected);
  });

  it('is found whatever it is made of, and nothing takes more than a moment', async () => {
    let sent = '';
    const http = (credential: string) =>
      withoutCredential(
        {
          clock: systemClock,
          log: silent,
          send: () => Promise.resolve({ ...REPLY, status: 422, body: sent }),
          read: () => Promise.reject(new Error('is not read')),
        },
        credential,
      );
    const request = (credential: string) =>
      ({
        method: 'POST',
        url: new URL('https://x.example'),
        pathTemplate: '/',
        headers: { authorization: `Bearer ${credential}` },
        body: null,
        timeoutMs: 1,
      }) as const;
    const tellBody = async (credential: string) => {
      const reply = await http(credential).send(request(credential));
      return reply.kind === 'reply' ? reply.body : '';
    };
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[!-~]{8,40}$/), fc.boolean(), async (credential, isJson) => {
        const text = `no: ${credential} / ${encodeURIComponent(credential)} / ${base64(credential)}`;
        sent = isJson ? JSON.stringify({ errors: [text] }) : text;
        const left = await tellBody(credential);
        expect(isJson ? JSON.parse(left) : { errors: [left] }).toMatchObject({
          errors: [expect.stringMatching(/^no: \[redacted\]/)],
        });
        expect(shows(left, credential)).toEqual([]);
      }),
      { numRuns: 60 },
    );
    for (const piece of ['<', '<b>', ' ', '\\', '"', 'Zk3', '%', '&amp;', '\\u0041', '1']) {
      sent = `{"errors": "${piece.repeat(100_000)}`;
      const startedAt = performance.now();
      await tellBody(CREDENTIAL);
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    }
  }, 60_000);
});

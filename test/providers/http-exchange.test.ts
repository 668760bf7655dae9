import { brotliCompressSync, constants, zstdCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { MAX_REPLY_BYTES } from '../../functions/providers/http-body.ts';
import { exchange, type ExchangeResult } from '../../functions/providers/http-exchange.ts';
import { startFakeProvider } from './fake-provider.ts';

/** What comes of a reply that is these bytes, after which the connection is ended, or is left open. */
async function replyOf(raw: string | Buffer, { open = false }: { open?: boolean } = {}): Promise<ExchangeResult> {
  const fake = await startFakeProvider(() => ({ raw, open }));
  try {
    return await exchange({ method: 'POST', url: fake.baseUrl, headers: {}, body: null, timeoutMs: 2_000 });
  } finally {
    await fake.close();
  }
}

const JSON_BODY = '{"order":{"id":340,"status":"cancelled"}}';
const whole = (body = JSON_BODY) => expect.objectContaining({ kind: 'reply', status: 200, body });
const unreadable = expect.objectContaining({ kind: 'lost', problem: 'unreadable_reply' });
const cut = expect.objectContaining({ kind: 'lost', problem: 'connection_cut' });

/** A reply with a body of that length, and these header lines. */
function reply(body: string | Buffer, ...lines: string[]): Buffer {
  const bytes = Buffer.from(body);
  const head = ['HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${bytes.length}`, ...lines];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]);
}

describe('a reply whose header lines end in LF only', () => {
  it.each([
    ['all of them', `HTTP/1.1 200 OK\ncontent-length: ${JSON_BODY.length}\n\n${JSON_BODY}`],
    ['some of them', `HTTP/1.1 200 OK\r\nx-one: 1\ncontent-length: ${JSON_BODY.length}\r\n\r\n${JSON_BODY}`],
    ['without a length', `HTTP/1.0 200 OK\nconnection: close\n\n${JSON_BODY}`],
    [
      'behind an interim reply',
      `HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\ncontent-length: ${JSON_BODY.length}\n\n${JSON_BODY}`,
    ],
    [
      'chunked',
      `HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n${JSON_BODY.length.toString(16)}\r\n${JSON_BODY}\r\n0\r\n\r\n`,
    ],
  ])('is read: %s', async (_name, raw) => {
    expect(await replyOf(raw)).toEqual(whole());
  });

  it('is lost where it is cut off', async () => {
    expect(await replyOf('HTTP/1.1 200 OK\ncontent-length: 500\n\n{"order"')).toEqual(cut);
    expect(await replyOf('HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n9\r\n{"order"')).toEqual(cut);
  });
});

describe('bytes behind a complete reply', () => {
  const chunked = `HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n${JSON_BODY.length.toString(16)}\r\n${JSON_BODY}\r\n0\r\n\r\n`;
  it.each([
    ['a line break', Buffer.concat([reply(JSON_BODY, 'connection: close'), Buffer.from('\r\n\r\n')])],
    ['anything', Buffer.concat([reply(JSON_BODY, 'connection: close'), Buffer.from('<!-- served by 7 -->')])],
    ['another reply', Buffer.concat([reply(JSON_BODY, 'connection: close'), reply('{"errors":"no"}')])],
    ['without a word on the connection', Buffer.concat([reply(JSON_BODY), Buffer.from('junk')])],
    ['behind the last chunk', `${chunked}junk`],
    [
      'behind a compressed body',
      Buffer.concat([reply(gzipSync(JSON_BODY), 'content-encoding: gzip'), Buffer.from('junk')]),
    ],
  ])('are no matter: %s', async (_name, raw) => {
    expect(await replyOf(raw)).toEqual(whole());
    expect(await replyOf(raw, { open: true })).toEqual(whole());
  });
});

describe('a reply that says in two ways where it ends', () => {
  const length = `content-length: ${JSON_BODY.length}`;
  const chunks = `${JSON_BODY.length.toString(16)}\r\n${JSON_BODY}\r\n0\r\n\r\n`;
  it.each([
    ['a length and chunks', `${length}\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`],
    ['chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: ${JSON_BODY.length}\r\n\r\n${chunks}`],
    [
      'a length and a space before its colon',
      `content-length : ${JSON_BODY.length}\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`,
    ],
    [
      'a length, and chunks with a space before the colon',
      `${length}\r\ntransfer-encoding : chunked\r\n\r\n${JSON_BODY}`,
    ],
    ['a length and a coding that is none', `${length}\r\ntransfer-encoding: identity\r\n\r\n${JSON_BODY}`],
    ['two lengths', `${length}\r\ncontent-length: ${JSON_BODY.length + 1}\r\n\r\n${JSON_BODY}}`],
    ['two lengths in one line', `content-length: ${JSON_BODY.length}, 5\r\n\r\n${JSON_BODY}`],
    ['two lengths, one with a space before its colon', `content-length : 5\r\n${length}\r\n\r\n${JSON_BODY}`],
    ['a coding of the transfer that is not known', `transfer-encoding: gzip\r\n\r\n${JSON_BODY}`],
    ['two codings of the transfer', `transfer-encoding: gzip, chunked\r\n\r\n${chunks}`],
  ])('is not believed: %s', async (_name, rest) => {
    expect(await replyOf(`HTTP/1.1 200 OK\r\n${rest}`)).toEqual(unreadable);
    expect(await replyOf(`HTTP/1.1 200 OK\n${rest.replaceAll('\r\n', '\n')}`)).toEqual(unreadable);
  });

  it('is read where it says the same twice', async () => {
    const twice = 'transfer-encoding: chunked\r\ntransfer-encoding: chunked';
    expect(await replyOf(`HTTP/1.1 200 OK\r\n${twice}\r\n\r\n${chunks}`)).toEqual(whole());
  });
});

describe('a long head', () => {
  it('of many cookies is read', async () => {
    const cookies = Array.from({ length: 10 }, (_, nth) => `set-cookie: waf${nth}=${'x'.repeat(4_000)}`);
    expect(await replyOf(reply(JSON_BODY, ...cookies))).toEqual(whole());
  });
});

describe('a coded body', () => {
  const codings: [string, (body: string) => Buffer][] = [
    ['gzip', (body) => gzipSync(body)],
    ['GZIP', (body) => gzipSync(body)],
    ['x-gzip', (body) => gzipSync(body)],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['identity', (body) => Buffer.from(body)],
    ['identity, gzip', gzipSync],
    ['gzip, gzip', gzipSync],
    ['gzip;q=1', gzipSync],
    ['none', (body) => Buffer.from(body)],
    ['utf-8', (body) => Buffer.from(body)],
    ['', (body) => Buffer.from(body)],
  ];

  it.each(codings)('in "%s" is decoded', async (coding, encoded) => {
    expect(await replyOf(reply(encoded(JSON_BODY), `content-encoding: ${coding}`))).toEqual(whole());
  });

  it.each(codings.slice(0, 7))('in "%s" that is cut off is lost, whatever the length says', async (coding, encoded) => {
    const bytes = encoded(JSON_BODY);
    for (const length of [1, 5, bytes.length - 1]) {
      const raw = reply(bytes.subarray(0, length), `content-encoding: ${coding}`);
      expect(await replyOf(raw)).toEqual(unreadable);
      expect(await replyOf(reply(bytes, `content-encoding: ${coding}`).subarray(0, -1))).toEqual(cut);
    }
  });

  it('that comes in pieces, and in several members, is decoded', async () => {
    const members = Buffer.concat([gzipSync('{"order":'), gzipSync('{}}')]);
    const chunks = [...members].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]),
    );
    const head = Buffer.from('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n');
    expect(await replyOf(Buffer.concat([head, ...chunks, Buffer.from('0\r\n\r\n')]))).toEqual(whole('{"order":{}}'));
  });

  it('of no bytes is an empty one', async () => {
    expect(await replyOf(reply('', 'content-encoding: gzip'))).toEqual(whole(''));
  });

  it.each(['gzip, br', 'compress'])(
    'in "%s" is unreadable: only one coding that is known is decoded',
    async (coding) => {
      expect(await replyOf(reply(gzipSync(JSON_BODY), `content-encoding: ${coding}`))).toEqual(unreadable);
    },
  );

  it('whose coding is declared twice is decoded once, and is unreadable where it was coded twice', async () => {
    const lines = ['content-encoding: gzip', 'content-encoding: gzip'];
    expect(await replyOf(reply(gzipSync(JSON_BODY), ...lines))).toEqual(whole());
    expect(await replyOf(reply(gzipSync(gzipSync(JSON_BODY)), ...lines))).toMatchObject({
      ...{ kind: 'lost', problem: 'unreadable_reply', code: 'CODED_TWICE' },
    });
  });

  it('with line breaks and blanks behind the trailer of gzip is decoded, however it comes in pieces', async () => {
    const bytes = Buffer.concat([gzipSync(JSON_BODY), Buffer.from('\r\n \t\r\n')]);
    expect(await replyOf(reply(bytes, 'content-encoding: gzip'))).toEqual(whole());
    const chunks = [...bytes].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]),
    );
    const head = Buffer.from('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n');
    expect(await replyOf(Buffer.concat([head, ...chunks, Buffer.from('0\r\n\r\n')]))).toEqual(whole());
    const withMore = Buffer.concat([gzipSync(JSON_BODY), Buffer.from('\r\nmore')]);
    expect(await replyOf(reply(withMore, 'content-encoding: gzip'))).toEqual(unreadable);
  });

  it.each(['gzip', 'deflate', 'br'])(
    'that says %s and is plain JSON is read, as a proxy that decoded it left it',
    async (coding) => {
      expect(await replyOf(reply(JSON_BODY, `content-encoding: ${coding}`))).toEqual(whole(JSON_BODY));
    },
  );

  it('that says nothing of its coding and is gzip is read', async () => {
    expect(await replyOf(reply(gzipSync(JSON_BODY), 'x-any: thing'))).toEqual(whole(JSON_BODY));
  });

  it('that is not in the coding that it says is unreadable', async () => {
    expect(await replyOf(reply('<html>', 'content-encoding: gzip'))).toEqual(unreadable);
  });

  it('is read up to the cap on what is decoded, and no further', async () => {
    const largest = 'x'.repeat(MAX_REPLY_BYTES);
    expect(await replyOf(reply(gzipSync(largest), 'content-encoding: gzip'))).toEqual(whole(largest));
    const bomb = gzipSync('x'.repeat(20 * MAX_REPLY_BYTES));
    expect(await replyOf(reply(bomb, 'content-encoding: gzip'))).toMatchObject({ kind: 'lost', code: 'TOO_LARGE' });
    const brotli = brotliCompressSync(`${largest}x`, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
    expect(await replyOf(reply(brotli, 'content-encoding: br'))).toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('the charset of a body', () => {
  const sendTyped = (body: Buffer, type: string) => {
    const raw = Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`),
      body,
    ]);
    return replyOf(raw);
  };
  const text = '{"errors":"Pedido já cancelado – João"}';
  const latin1 = Buffer.from('{"errors":"Pedido já cancelado \x96 João"}', 'latin1');

  it.each([
    ['application/json; charset=ISO-8859-1', latin1],
    ['application/json;charset="iso-8859-1"', latin1],
    ['application/json; Charset=windows-1252; x=1', latin1],
    ['application/json; charset=latin1', latin1],
    ['application/json', Buffer.from(text)],
    ['application/json; charset=utf-8', Buffer.from(text)],
    ['application/json; charset=x-none', Buffer.from(text)],
    ['application/json; charset=', Buffer.from(text)],
    ['application/json; charset=utf-16le', Buffer.from(text, 'utf16le')],
    ['application/json', Buffer.from(`\uFEFF${text}`)],
    ['application/json; charset=iso-8859-1', Buffer.from(`\uFEFF${text}`)],
    ['application/json', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['application/json', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ])('is the declared one, or that of its byte order mark: %s', async (type, body) => {
    expect(await sendTyped(body, type)).toEqual(whole(text));
  });

  it('is UTF-8 where none is declared, and a byte that is none becomes no other character', async () => {
    expect(await sendTyped(Buffer.from('{"errors":"já"}', 'latin1'), 'application/json')).toEqual(
      whole('{"errors":"j\uFFFD"}'),
    );
  });

  it('that is not known, of a body that is not UTF-8, makes it unreadable', async () => {
    expect(await sendTyped(latin1, 'application/json; charset=x-none')).toEqual(unreadable);
  });

  it('is that of the decoded body', async () => {
    const body = gzipSync(latin1);
    const head = `HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=ISO-8859-1\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`;
    expect(await replyOf(Buffer.concat([Buffer.from(head), body]))).toEqual(whole(text));
  });
});

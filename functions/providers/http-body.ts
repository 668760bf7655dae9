import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The result of reading a reply's body. `code` is for the log. */
export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** The body is too large, or its coding is unknown or broken. */
  | { readonly kind: 'unreadable'; readonly code: string }
  /** The connection ended before the body did. */
  | { readonly kind: 'cut'; readonly code: string };

/** The largest body that is read to its end. The limit holds for the body as received and as decoded. */
export const MAX_REPLY_BYTES = 5 * 1024 * 1024;

type Coding = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd';

const CODINGS: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
  identity: 'identity',
  none: 'identity',
  // A charset in the wrong header is no coding.
  'utf-8': 'identity',
  utf8: 'identity',
};

const builtin = process.getBuiltinModule.bind(process);

/**
 * Reads a reply's body to its end and decodes it while it arrives. We ask for no coding (`accept-encoding: identity`), but some
 * servers and proxies use one anyway. Never throws.
 */
export function readBody(response: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const coding = codingOf(response.headers['content-encoding']);
    if (coding === null) {
      resolve({ kind: 'unreadable', code: 'UNKNOWN_CODING' });
      return;
    }
    let seen: Coding | null = null;
    let decoder: Duplex | null = null;
    let received = 0;
    const fail = (code: string) => {
      decoder?.destroy();
      resolve({ kind: 'unreadable', code });
    };
    const pieces: Buffer[] = [];
    let bytes = 0;
    /** Trailing blanks of the bytes received so far. The gzip decoder gets them only if more bytes follow. */
    let heldBack = Buffer.alloc(0);
    const begin = (first: Buffer): Duplex =>
      decoderOf((seen = seenCoding(coding, first)), first)
        .on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > MAX_REPLY_BYTES) fail('TOO_LARGE');
          else pieces.push(piece);
        })
        .once('end', () => {
          const decoded = Buffer.concat(pieces);
          if (isGzip(decoded)) fail('CODED_TWICE');
          else resolve({ kind: 'whole', bytes: decoded });
        })
        .once('error', (error) => {
          fail(codeOf(error));
        });

    response.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > MAX_REPLY_BYTES) {
        fail('TOO_LARGE');
        return;
      }
      decoder ??= begin(chunk);
      if (decoder.destroyed) return;
      if (seen !== 'gzip') {
        decoder.write(chunk);
        return;
      }
      const all = Buffer.concat([heldBack, chunk]);
      const end = endWithoutBlanks(all);
      heldBack = all.subarray(end);
      decoder.write(all.subarray(0, end));
    });
    response.once('end', () => {
      if (decoder === null) resolve({ kind: 'whole', bytes: Buffer.alloc(0) });
      else if (!decoder.destroyed) decoder.end();
    });
    const cut = (code: string) => {
      if (!response.complete) resolve({ kind: 'cut', code });
    };
    response.once('error', (error) => {
      cut(codeOf(error));
    });
    response.once('close', () => {
      cut('CLOSED');
    });
  });
}

/**
 * Returns the body's one coding; null if there are several or an unknown one. Proxies may declare a coding a second time, and some
 * add a parameter (`gzip;q=1`), which this header does not allow.
 */
function codingOf(header: string | undefined): Coding | null {
  const names = (header ?? '').split(',').map((name) => (name.split(';', 1)[0] ?? '').trim().toLowerCase());
  const codings = names.filter((name) => name !== '').map((name) => CODINGS[name] ?? null);
  const applied = [...new Set(codings.filter((coding) => coding !== 'identity'))];
  return applied.length > 1 ? null : applied.length === 0 ? 'identity' : (applied[0] ?? null);
}

/** Returns the body's coding by its first bytes: proxies may decode a body and keep its header, or remove the header only. */
function seenCoding(declared: Coding, first: Buffer): Coding {
  if (isGzip(first)) return 'gzip';
  const isJson = /^(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[[\]{"])/.test(first.subarray(0, 64).toString('latin1'));
  return isJson ? 'identity' : declared;
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function decoderOf(coding: Coding, first: Buffer): Duplex {
  const zlib = builtin('node:zlib');
  switch (coding) {
    case 'identity':
      return new (builtin('node:stream').PassThrough)();
    case 'gzip':
      return zlib.createGunzip();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'zstd':
      return zlib.createZstdDecompress();
    case 'deflate':
      // RFC 9110, 8.4.1.2: `deflate` means the zlib format, but some servers send bare deflate data. A zlib header begins with
      // method 8.
      return ((first[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
  }
}

/**
 * Returns where the bytes end without trailing line breaks and blanks. Some servers write these after a gzip trailer, and zlib
 * fails on any bytes there. No trailer ends in a blank: its last byte is zero for data smaller than 16 MiB (RFC 1952, 2.3.1).
 */
function endWithoutBlanks(bytes: Buffer): number {
  return bytes.findLastIndex((byte) => !BLANKS.has(byte)) + 1;
}

const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

/**
 * Returns a body's text. Its charset is that of its byte order mark, otherwise the one that `Content-Type` declares (`ISO-8859-1`
 * means windows-1252, as in https://encoding.spec.whatwg.org/#names-and-labels), otherwise UTF-8. A byte that is invalid in the
 * charset becomes U+FFFD, never another character. Null if the declared charset is unknown and the body is not UTF-8.
 */
export function textOf(bytes: Buffer, contentType: string | undefined): string | null {
  const label = markOf(bytes) ?? charsetOf(contentType) ?? 'utf-8';
  const text = decoded(bytes, label, { fatal: false });
  return text ?? decoded(bytes, 'utf-8', { fatal: true });
}

/** Null if the label names no charset, or, if `fatal`, if a byte is invalid in it. */
function decoded(bytes: Buffer, label: string, options: { fatal: boolean }): string | null {
  try {
    return new TextDecoder(label, options).decode(bytes);
  } catch {
    return null;
  }
}

function markOf(bytes: Buffer): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : null;
}

function charsetOf(contentType: string | undefined): string | null {
  const [, label = ''] = /;\s*charset\s*=\s*["']?\s*([^\s"';,]+)/i.exec(contentType ?? '') ?? [];
  return label === '' ? null : label;
}

/** Returns an error's code from the system or Node. Its message is left out: it may quote the request. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'UNKNOWN';
  return typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

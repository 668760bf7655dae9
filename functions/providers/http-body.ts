import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** How the body of a reply was read. `code` is for the log. */
export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** It is too large, or its coding is not known or broken. */
  | { readonly kind: 'unreadable'; readonly code: string }
  /** The connection ended before the body did. */
  | { readonly kind: 'cut'; readonly code: string };

/** A body beyond this is not read to its end: as it comes, and as it is once it is decoded. */
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
  // A charset in the wrong place codes nothing.
  'utf-8': 'identity',
  utf8: 'identity',
};

const builtin = process.getBuiltinModule.bind(process);

/**
 * Reads the body of a reply to its end, and decodes it while it comes. We ask for no coding (`accept-encoding: identity`); servers and
 * proxies use one all the same. Never throws.
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
    /** Blanks at the end of what came so far, which gzip gets only if something follows them. */
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
 * The one coding of a body; null where there are several, or one that is not known. Proxies declare again what was declared already, and
 * some add a parameter (`gzip;q=1`), which has no place here.
 */
function codingOf(header: string | undefined): Coding | null {
  const names = (header ?? '').split(',').map((name) => (name.split(';', 1)[0] ?? '').trim().toLowerCase());
  const codings = names.filter((name) => name !== '').map((name) => CODINGS[name] ?? null);
  const applied = [...new Set(codings.filter((coding) => coding !== 'identity'))];
  return applied.length > 1 ? null : applied.length === 0 ? 'identity' : (applied[0] ?? null);
}

/** The coding of a body by its first bytes: proxies decode one and leave its header, or take the header away. */
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
      // RFC 9110, 8.4.1.2: in the zlib format; some servers send the bare deflate data. A zlib header begins with method 8.
      return ((first[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
  }
}

/**
 * Where the bytes end but for line breaks and blanks: some servers write such behind a gzip trailer, and zlib takes whatever stands there
 * for an error. No trailer ends in them: its last byte is zero for all that is smaller than 16 MiB (RFC 1952, 2.3.1).
 */
function endWithoutBlanks(bytes: Buffer): number {
  return bytes.findLastIndex((byte) => !BLANKS.has(byte)) + 1;
}

const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

/**
 * The text of a body: by its byte order mark, else by the charset that `Content-Type` declares (`ISO-8859-1` means windows-1252, as in
 * https://encoding.spec.whatwg.org/#names-and-labels), else UTF-8. A byte that is none in the charset becomes U+FFFD, never another
 * character. Null where the declared charset is not known and the body is not UTF-8.
 */
export function textOf(bytes: Buffer, contentType: string | undefined): string | null {
  const label = markOf(bytes) ?? charsetOf(contentType) ?? 'utf-8';
  const text = decoded(bytes, label, { fatal: false });
  return text ?? decoded(bytes, 'utf-8', { fatal: true });
}

/** Null where the label is of no charset, or, if `fatal`, where a byte is none in it. */
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

/** The system's or Node's code of an error. Its message is left out: it may quote what was sent. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'UNKNOWN';
  return typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

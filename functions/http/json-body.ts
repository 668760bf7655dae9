import { JsonTooDeep } from '../runtime/errors.ts';
import { parseJson, type LongNumber } from '../runtime/exact-json.ts';
import { BodyNotJson, BodyTooLarge, InvalidInput, UnsupportedMediaType } from './errors.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json$/;

interface RawBody {
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

/**
 * Returns the bytes of a body. API Gateway passes it as base64 if it takes the media type for binary. Throws `BodyTooLarge` over 1 MB.
 */
export function bodyBytes({ body, isBase64Encoded }: RawBody): Buffer {
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw new BodyTooLarge();
  return bytes;
}

/**
 * Parses the JSON of a body. An empty body is `{}`. A number that would lose a digit becomes a `LongNumber`. Throws `BodyTooLarge`,
 * `UnsupportedMediaType`, `BodyNotJson` or `InvalidInput`.
 */
export function parseJsonBody(body: RawBody, contentType: string | undefined): unknown {
  const text = textOf(bodyBytes(body));
  if (text.trim() === '') return {};

  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== '' && !JSON_MEDIA_TYPE.test(mediaType)) throw new UnsupportedMediaType();
  return jsonOf(text);
}

/**
 * Parses the JSON in bytes whose sender names no reliable media type. A number that would lose a digit becomes what `long` makes of it,
 * by default a `LongNumber`. Throws `BodyNotJson` or `InvalidInput`.
 */
export function jsonIn(bytes: Buffer, long?: (number: LongNumber) => unknown): unknown {
  return jsonOf(textOf(bytes), long);
}

function jsonOf(text: string, long?: (number: LongNumber) => unknown): unknown {
  try {
    return parseJson(text, long);
  } catch (error) {
    if (error instanceof JsonTooDeep) throw new InvalidInput([{ field: 'body', message: 'is nested too deep' }]);
    throw new BodyNotJson();
  }
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BodyNotJson();
  }
}

import { describe, expect, it } from '@jest/globals';
import { bodyBytes, jsonIn, parseJsonBody } from '../../functions/http/json-body.ts';
import { LongNumber } from '../../functions/runtime/exact-json.ts';
import { nested } from '../support/nested.ts';

const MEGABYTE = 1024 * 1024;
const named = (name: string) => expect.objectContaining({ name }) as unknown as Error;

describe('a body', () => {
  it('has a megabyte at most, of bytes', () => {
    expect(bodyBytes({ body: 'x'.repeat(MEGABYTE) })).toHaveLength(MEGABYTE);
    expect(() => bodyBytes({ body: 'x'.repeat(MEGABYTE + 1) })).toThrow(named('BodyTooLarge'));
    expect(() => bodyBytes({ body: 'é'.repeat(MEGABYTE / 2 + 1) })).toThrow(named('BodyTooLarge'));
    const base64 = Buffer.alloc(MEGABYTE).toString('base64');
    expect(bodyBytes({ body: base64, isBase64Encoded: true })).toHaveLength(MEGABYTE);
  });

  it.each([{}, { body: null }, { body: '' }, { body: ' \n' }])('of nothing is an empty ask: %j', (body) => {
    expect(parseJsonBody(body, undefined)).toEqual({});
    expect(parseJsonBody(body, 'text/plain')).toEqual({});
  });

  it.each([undefined, '', 'application/json', ' Application/JSON ; charset=utf-8', 'application/problem+json'])(
    'is read as JSON where its type is %j',
    (type) => {
      expect(parseJsonBody({ body: '{"a":1}' }, type)).toEqual({ a: 1 });
    },
  );

  it.each(['text/plain', 'application/jsonp', 'application/xml', 'x-application/json', 'json'])(
    'is not looked at where its type is %j',
    (type) => {
      expect(() => parseJsonBody({ body: '{"a":1}' }, type)).toThrow(named('UnsupportedMediaType'));
    },
  );

  it.each(['{', 'nothing', '{"a":1}}'])('is refused where it is no JSON: %j', (body) => {
    expect(() => parseJsonBody({ body }, undefined)).toThrow(named('BodyNotJson'));
  });

  it('is refused where it is no UTF-8, or nested too deep to be read', () => {
    const body = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
    expect(() => parseJsonBody({ body, isBase64Encoded: true }, undefined)).toThrow(named('BodyNotJson'));
    expect(() => parseJsonBody({ body: nested(20_000) }, undefined)).toThrow(
      expect.objectContaining({ errors: [{ field: 'body', message: 'is nested too deep' }] }),
    );
  });

  it('keeps the digits of a long number, as its reader wants them', () => {
    const bytes = Buffer.from('{"id":123456789012345678901}');
    expect(jsonIn(bytes)).toEqual({ id: expect.any(LongNumber) as unknown });
    expect(jsonIn(bytes, String)).toEqual({ id: '123456789012345678901' });
  });
});

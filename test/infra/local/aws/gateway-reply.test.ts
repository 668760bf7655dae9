import { describe, expect, it } from '@jest/globals';
import { replyOf } from '../../../../infra/local/aws/gateway-reply.ts';

const replyTo = (value: unknown) => {
  const { status, headers, body } = replyOf({ kind: 'returned', payload: JSON.stringify(value) });
  return { status, headers, body: body.toString() };
};
const internalServerError = {
  status: 500,
  headers: [['content-type', 'application/json']],
  body: '{"message":"Internal Server Error"}',
};

describe("an HTTP API's reply", () => {
  it('is what the function shaped, each cookie in a header of its own', () => {
    const shaped = {
      statusCode: 201,
      headers: { 'Content-Type': 'text/csv', Age: 3 },
      cookies: ['a=1', 'b=2'],
      body: 'x',
    };
    expect(replyTo(shaped)).toEqual({
      status: 201,
      headers: [
        ['content-type', 'text/csv'],
        ['age', '3'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
      body: 'x',
    });
  });

  it('decodes base64', () => {
    expect(replyTo({ statusCode: 200, body: 'w6k=', isBase64Encoded: true }).body).toBe('é');
  });

  it('is inferred from a value without a status', () => {
    const json = [['content-type', 'application/json']];
    expect(replyTo({ ok: true })).toEqual({ status: 200, headers: json, body: '{"ok":true}' });
    expect(replyTo('hello')).toEqual({ status: 200, headers: json, body: 'hello' });
  });

  it('says nothing of what went wrong in the function', () => {
    const error = { errorType: 'Error', errorMessage: 'secret', trace: [] };
    const { status, headers, body } = replyOf({ kind: 'failed', error });
    expect({ status, headers, body: body.toString() }).toEqual(internalServerError);
  });

  it('is a 500 where the shape or the size is not to be sent', () => {
    expect(replyTo({ statusCode: 'two hundred' })).toEqual(internalServerError);
    expect(replyTo({ statusCode: 200, body: { an: 'object' } })).toEqual(internalServerError);
    expect(replyTo({ statusCode: 200, body: 'x'.repeat(6 * 1024 * 1024) })).toEqual(internalServerError);
  });
});

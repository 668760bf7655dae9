import { describe, expect, it } from '@jest/globals';
import { hear, saysNo } from '../../../functions/providers/ngorder/voice.ts';

describe('ngorder’s voice', () => {
  it.each([
    { response: 'Failed', message: { id: ['The order is already paid.'] }, data: null },
    { response: 'gagal' },
    { response: ' FAILED ', message: null },
    { message: 'The given data was invalid.', errors: { id: ['The id field is required.'] } },
    { response: 'Error', message: 'The given data was invalid.', errors: { id: ['The id field is required.'] } },
  ])('says no in %j', (json) => {
    expect(saysNo(json)).toBe(true);
  });

  it.each([
    { message: 'Forbidden' },
    { message: 'Unauthenticated.' },
    { message: 'Not found', errors: [] },
    { message: '', errors: { id: ['The id field is required.'] } },
    { errors: { id: ['The id field is required.'] } },
    { response: 'success', message: 'ok', errors: { id: ['?'] } },
    { response: 'Error' },
    { response: { failed: true } },
    ['failed'],
    'failed',
    null,
    undefined,
  ])('is not heard in %j', (json) => {
    expect(saysNo(json)).toBe(false);
  });

  it('is told from a gateway’s in a reply', () => {
    const reply = { kind: 'reply', retryAfterMs: null, contentType: 'application/json', hasRequestId: true } as const;
    expect(hear({ ...reply, status: 422, body: '{"response":"Failed","message":"paid"}' })).toEqual({
      kind: 'no',
      words: 'paid',
    });
    expect(hear({ ...reply, status: 403, body: '{"message":"Forbidden"}' })).toMatchObject({
      problem: 'unknown_reply',
    });
  });
});

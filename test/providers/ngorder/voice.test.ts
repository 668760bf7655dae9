import { describe, expect, it, jest } from '@jest/globals';
import { hear, saysNo } from '../../../functions/providers/ngorder/voice.ts';
import { createHttpClient } from '../../../functions/providers/http-client.ts';
import { systemClock } from '../../../functions/runtime/clock.ts';

const NO_HTTP = createHttpClient(
  { connection: 'test', provider: 'ngorder', baseUrl: new URL('https://provider.example') },
  {
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    exchange: () => Promise.reject(new Error('Nothing is sent here.')),
  },
);

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
    { message: 'Forbidden', errors: [{ code: 1020, message: 'Access denied' }] },
    { message: 'Forbidden', errors: [{ status: '403', title: 'Forbidden' }] },
    { success: false, message: 'Forbidden', errors: { code: 403, detail: 'Blocked by a rule' } },
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

  it('is told from a gateway’s in a reply, and the log says which is not', () => {
    const reply = { kind: 'reply', retryAfterMs: null, contentType: 'application/json', hasRequestId: true } as const;
    const warn = jest.fn<(code: string, fields?: Record<string, unknown>) => void>();
    const http = { ...NO_HTTP, log: { info: () => undefined, warn } };
    expect(hear({ ...reply, status: 422, body: '{"response":"Failed","message":"paid"}' }, http)).toEqual({
      kind: 'no',
      words: 'paid',
    });
    expect(warn).not.toHaveBeenCalled();
    const gateway = { ...reply, status: 403, body: '{"message":"Forbidden"}' };
    expect(hear(gateway, http)).toEqual({ kind: 'lost', problem: 'unknown_reply', status: 403 });
    expect(warn.mock.calls).toEqual([
      ['PROVIDER_REPLY_UNREADABLE', { problems: ['JSON in a shape that is not known'] }],
    ]);
  });
});

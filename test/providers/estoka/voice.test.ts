import { describe, expect, it, jest } from '@jest/globals';
import { hear, saysNo } from '../../../functions/providers/estoka/voice.ts';
import { createHttpClient } from '../../../functions/providers/http-client.ts';
import { systemClock } from '../../../functions/runtime/clock.ts';

const NO_HTTP = createHttpClient(
  { connection: 'test', provider: 'estoka', baseUrl: new URL('https://provider.example') },
  {
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    exchange: () => Promise.reject(new Error('Nothing is sent here.')),
  },
);

describe('Estoka’s voice', () => {
  it.each([
    { errors: 'não pode' },
    { errors: ['não pode'] },
    { errors: { base: ['não pode'] } },
    { errors: [{ status: ['não permite'] }], error_details: [{}] },
    { errors: { messages: { status: ['inválido'] } } },
    { errors: [{ code: 17, message: 'não pode' }] },
  ])('says no with text under errors: %j', (json) => {
    expect(saysNo(json)).toBe(true);
  });

  it.each([
    { message: 'Forbidden' },
    { success: false, errors: [{ code: 1020, message: 'Access denied' }], messages: [], result: null },
    { errors: [{ status: '403', title: 'Forbidden' }] },
    { errors: [{ code: 403, detail: 'Blocked by a rule' }] },
    { errors: { code: 403, message: 'Forbidden' } },
    { Message: 'User is not authorized to access this resource' },
    { status: 404, error: 'Not Found' },
    { error: 'locked' },
    { errors: [] },
    { errors: null },
    { errors: { code: [17] } },
    { errors: '' },
    ['errors'],
    'errors',
    null,
    undefined,
  ])('is not heard in %j', (json) => {
    expect(saysNo(json)).toBe(false);
  });

  it('is told from a gateway’s in a reply, and the log says which is not', () => {
    const reply = { kind: 'reply', retryAfterMs: null, contentType: 'application/json', hasRequestId: true } as const;
    const warn = jest.fn<(code: string, fields?: Record<string, unknown>) => void>();
    const http = { ...NO_HTTP, log: { info: () => undefined, warn } };
    expect(hear({ ...reply, status: 422, body: '{"errors":"não pode"}' }, http)).toEqual({
      kind: 'no',
      words: 'não pode',
    });
    expect(warn).not.toHaveBeenCalled();
    const gateway = { ...reply, status: 403, body: '{"message":"Forbidden"}' };
    expect(hear(gateway, http)).toEqual({ kind: 'lost', problem: 'unknown_reply', status: 403 });
    expect(warn.mock.calls).toEqual([
      ['PROVIDER_REPLY_UNREADABLE', { problems: ['JSON in a shape that is not known'] }],
    ]);
  });
});

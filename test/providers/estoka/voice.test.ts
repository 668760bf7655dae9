import { describe, expect, it } from '@jest/globals';
import { hear, saysNo } from '../../../functions/providers/estoka/voice.ts';

describe('Estoka’s voice', () => {
  it.each([
    { errors: 'não pode' },
    { errors: ['não pode'] },
    { errors: { base: ['não pode'] } },
    { errors: [{ status: ['não permite'] }], error_details: [{}] },
    { errors: { messages: { status: ['inválido'] } } },
  ])('says no with text under errors: %j', (json) => {
    expect(saysNo(json)).toBe(true);
  });

  it.each([
    { message: 'Forbidden' },
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

  it('is told from a gateway’s in a reply', () => {
    const reply = { kind: 'reply', retryAfterMs: null, contentType: 'application/json', hasRequestId: true } as const;
    expect(hear({ ...reply, status: 422, body: '{"errors":"não pode"}' })).toEqual({ kind: 'no', words: 'não pode' });
    expect(hear({ ...reply, status: 403, body: '{"message":"Forbidden"}' })).toMatchObject({
      problem: 'unknown_reply',
    });
  });
});

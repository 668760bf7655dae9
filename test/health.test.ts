import { describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/health.ts';
import { apiEvent, keepingLog, lambdaContext } from './support/api-event.ts';

describe('health', () => {
  it('answers everybody', async () => {
    const reply = await newHandler({ log: keepingLog() })(apiEvent({ authorizer: null }), lambdaContext());
    expect(reply).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' });
  });
});

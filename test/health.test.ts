import { describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/health.ts';
import { askRoute, keepingLog } from './support/api-event.ts';

describe('health', () => {
  it('answers everybody', async () => {
    const reply = await askRoute('health', newHandler({ log: keepingLog() }), { authorizer: null });
    expect(reply).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' });
  });
});

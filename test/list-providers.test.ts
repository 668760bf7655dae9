import { describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/list-providers.ts';
import { PROVIDERS } from '../functions/providers/registry.ts';
import { askRoute, keepingLog } from './support/api-event.ts';

describe('list-providers', () => {
  it('says what each provider can do, how sure that is, and what it touches', async () => {
    const handler = newHandler({ providers: PROVIDERS, log: keepingLog() });
    const reply = await askRoute('list-providers', handler);
    expect(reply.statusCode).toBe(200);
    const { providers } = JSON.parse(reply.body) as { providers: unknown[] };
    expect(providers).toHaveLength(PROVIDERS.size);
    expect(providers).toContainEqual(
      expect.objectContaining({
        name: 'estoka',
        orderId: expect.any(String),
        capabilities: expect.objectContaining({ cancel: expect.objectContaining({ evidence: 'documented' }) }),
      }),
    );
  });
});

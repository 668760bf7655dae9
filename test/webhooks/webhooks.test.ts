import { describe, expect, it } from '@jest/globals';
import type { WebhookDeclaration } from '../../functions/webhooks/declarations.ts';
import { UnknownWebhook, WebhookNotVerified, WebhookSecretUnusable } from '../../functions/webhooks/errors.ts';
import { createWebhooks } from '../../functions/webhooks/webhooks.ts';
import { handClock } from '../operations/world.ts';
import { keepingLog } from '../support/api-event.ts';
import { nested } from '../support/nested.ts';

const SECRETS = ['first', 'second', 'third'].map((name) => `${name}-secret-of-this-webhook`);
const [FIRST = '', SECOND = '', THIRD = ''] = SECRETS;
const CACHE_MS = 30_000;

/** The webhooks of one warm function, whose secrets are kept for a while as runtime/secrets.ts keeps them. */
function warm(stored: unknown = { current: FIRST }) {
  const clock = handClock();
  const log = keepingLog();
  const asStored = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  let text = asStored(stored);
  let reads = 0;
  const cached = new Map<string, { text: string; at: number }>();
  const declarations = new Map<string, WebhookDeclaration>([
    ['stock', { name: 'stock', kind: 'estoka', connections: ['loja-rio'] }],
    ['checkout', { name: 'checkout', kind: 'standard', connections: ['loja-rio'] }],
    ['shop', { name: 'shop', kind: 'shopify', connection: 'loja-rio', orderIdPath: 'name' }],
  ]);
  const webhooks = createWebhooks({
    declarations,
    readSecret: (name, { fresh }) => {
      const kept = cached.get(name);
      if (kept && !fresh && clock.now() - kept.at < CACHE_MS) return Promise.resolve(kept.text);
      reads += 1;
      if (text === 'unreadable') return Promise.reject(new Error('throttled'));
      cached.set(name, { text, at: clock.now() });
      return Promise.resolve(text);
    },
    clock,
    log,
  });
  const verify = (presented: string, name = 'stock') => {
    const webhook = declarations.get(name);
    if (webhook === undefined) throw new Error(`There is no ${name}.`);
    return webhooks.verify(webhook, 'wrong', (secret) => secret === presented);
  };
  return {
    webhooks,
    clock,
    log,
    verify,
    reads: () => reads,
    store: (value: unknown) => {
      text = asStored(value);
    },
  };
}

describe('a webhook', () => {
  it('is known by its name and kind', () => {
    const { webhooks } = warm();
    expect(webhooks.get('stock', 'estoka').connections).toEqual(['loja-rio']);
    expect(() => webhooks.get('stock', 'shopify')).toThrow(UnknownWebhook);
    expect(() => webhooks.get('toString', 'estoka')).toThrow(UnknownWebhook);
  });

  it('takes its current secret and its previous one, and no other', async () => {
    const { verify } = warm({ current: SECOND, previous: FIRST });
    await verify(SECOND);
    await verify(FIRST);
    await expect(verify(THIRD)).rejects.toThrow(WebhookNotVerified);
    await expect(verify('')).rejects.toThrow(WebhookNotVerified);
  });

  it('whose secret is rotated on a warm function takes the new one at once, and the old one while it is previous', async () => {
    const { verify, store } = warm();
    await verify(FIRST);
    store({ current: SECOND, previous: FIRST });
    await verify(SECOND);
    await verify(FIRST);
    store({ current: THIRD, previous: null });
    await verify(THIRD);
    await expect(verify(FIRST)).rejects.toThrow(WebhookNotVerified);
    await expect(verify(SECOND)).rejects.toThrow(WebhookNotVerified);
  });

  it('does not take a secret longer than the cache’s time after it was taken away', async () => {
    const { verify, store, clock } = warm();
    await verify(FIRST);
    store({ current: SECOND });
    clock.advance(CACHE_MS);
    await expect(verify(FIRST)).rejects.toThrow(WebhookNotVerified);
  });

  it('cannot be used to hammer the store of secrets', async () => {
    const { verify, reads, clock, log } = warm();
    for (let tries = 0; tries < 100; tries += 1) await expect(verify(THIRD)).rejects.toThrow(WebhookNotVerified);
    expect(reads()).toBe(1 + 5);
    expect(log.entries.filter(({ code }) => code === 'WEBHOOK_REFUSED')).toHaveLength(100);
    expect(JSON.stringify(log.entries)).not.toMatch(/secret-of-this-webhook/);
    await verify(FIRST);
    clock.advance(60_000);
    for (let tries = 0; tries < 100; tries += 1) await expect(verify(THIRD)).rejects.toThrow(WebhookNotVerified);
    expect(reads()).toBe(1 + 5 + 1 + 5);
  });

  it('lets no other webhook’s senders use up its own readings', async () => {
    const { verify, store } = warm();
    await verify(FIRST);
    for (let tries = 0; tries < 10; tries += 1) {
      await expect(verify(THIRD, 'checkout')).rejects.toThrow(WebhookSecretUnusable);
    }
    store({ current: SECOND });
    await verify(SECOND);
  });

  it('is neither refused nor taken where its secret cannot be read', async () => {
    const { verify, store } = warm();
    await verify(FIRST);
    store('unreadable');
    await expect(verify(SECOND)).rejects.toThrow(/stock could not be read/);
  });

  it.each([
    ['stock', 'no JSON at all', 'it is not JSON'],
    ['stock', nested(200), 'it is not JSON'],
    ['stock', {}, 'current'],
    ['stock', { current: 'short' }, 'current must be 24'],
    ['stock', { current: `${FIRST}/..` }, 'current must be 24'],
    ['stock', { current: FIRST, previous: '' }, 'previous must be 24'],
    ['checkout', { current: FIRST }, 'current must be whsec_'],
    ['checkout', { current: 'whsec_AAAA' }, '24 to 64 bytes'],
    ['checkout', { current: 'whsec_' }, 'current must be whsec_'],
    ['shop', { current: ' secret-of-this \n' }, 'current must be 16'],
    ['shop', { current: 'secret-of-this\nsecret-of-this' }, 'in one line'],
    ['shop', { current: 'secret-of-this-\u200bsecret' }, 'in one line'],
  ])('%s with the stored secret %j says what is wrong, and shows no secret', async (name, stored, words) => {
    const error: unknown = await warm(stored)
      .verify('x', name)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WebhookSecretUnusable);
    expect(String(error)).toContain(words);
    expect(String(error)).not.toMatch(/secret-of-this|AAAA/);
  });

  it.each([
    ['stock', (secret: string) => ({ current: `${secret}\n` }), FIRST],
    ['stock', (secret: string) => `\uFEFF{"current": " ${secret}\\r\\n"}\r\n`, FIRST],
    ['stock', (secret: string) => ({ current: SECOND, previous: `\t${secret}\u00a0` }), FIRST],
    ['checkout', (secret: string) => ({ current: `\uFEFF${secret}\n` }), `whsec_${'aZ09'.repeat(11)}`],
    ['shop', (secret: string) => ({ current: `${secret}\n`, previous: `${secret}\r\n` }), 'shpss_0123456789abcdef'],
  ])('%s takes a secret that was pasted with white space around it', async (name, pasted, secret) => {
    await warm(pasted(secret)).verify(secret, name);
  });

  it('takes the secret that the stack begins with', async () => {
    const made = { current: 'aZ09'.repeat(11) };
    await warm(made).verify(made.current, 'stock');
    await warm(made).verify(made.current, 'checkout');
  });
});

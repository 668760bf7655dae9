import { describe, expect, it } from '@jest/globals';
import type { WebhookDeclaration } from '../../functions/webhooks/declarations.ts';
import { commandOf } from '../../functions/webhooks/command.ts';
import {
  SearchGivenUp,
  UnknownWebhook,
  WebhookNotVerified,
  WebhookSecretUnusable,
} from '../../functions/webhooks/errors.ts';
import { createWebhooks } from '../../functions/webhooks/webhooks.ts';
import { scopedKey } from '../../functions/idempotency/idempotency-key.ts';
import { handClock } from '../operations/world.ts';
import { keepingLog } from '../support/api-event.ts';
import { nested } from '../support/nested.ts';

const SECRETS = ['first', 'second', 'third'].map((name) => `${name}-secret-of-this-webhook`);
const [FIRST = '', SECOND = '', THIRD = ''] = SECRETS;
const CACHE_MS = 30_000;
const bytes = (length: number) => `whsec_${Buffer.alloc(length).toString('base64')}`;

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
    const { verify, reads } = warm({ current: SECOND, previous: FIRST });
    await verify(SECOND);
    await verify(FIRST);
    expect(reads()).toBe(1);
    await expect(verify(THIRD)).rejects.toThrow(WebhookNotVerified);
    await expect(verify('')).rejects.toThrow(WebhookNotVerified);
  });

  it.each(['', ' \n', null])('has none before its current secret where that is %j', async (previous) => {
    await expect(warm({ current: FIRST, previous }).verify(FIRST)).resolves.toBeUndefined();
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
    expect(log.entries).toEqual(
      Array(100).fill({ level: 'warn', code: 'WEBHOOK_REFUSED', fields: { webhook: 'stock', why: 'wrong' } }),
    );
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
    const error: unknown = await verify(SECOND).catch((thrown: unknown) => thrown);
    expect(String(error)).toBe('WebhookSecretUnusable: The secret of the webhook stock could not be read.');
    expect(error).toMatchObject({ cause: { message: 'throttled' } });
  });

  it.each([
    ['stock', 'no JSON at all', 'it is not JSON'],
    ['stock', nested(200), 'it is not JSON'],
    ['stock', [], 'cannot be used: must be an object.'],
    ['stock', {}, 'current: is missing'],
    ['stock', { current: 1, previous: 'short' }, 'current: must be a text, previous: must be 24'],
    ['stock', { current: 'short' }, 'current: must be 24'],
    ['stock', { current: `${FIRST}/..` }, 'current: must be 24'],
    ['stock', { current: `../${FIRST}` }, 'current: must be 24'],
    ['stock', { current: FIRST, previous: 'short' }, 'previous: must be 24'],
    ['checkout', { current: FIRST }, 'current: must be whsec_'],
    ['checkout', { current: bytes(23) }, '24 to 64 bytes'],
    ['checkout', { current: bytes(65) }, '24 to 64 bytes'],
    ['checkout', { current: 'whsec_' }, 'current: must be whsec_'],
    ['shop', { current: ' secret-of-this \n' }, 'current: must be 16'],
    ['shop', { current: 'secret-of-this-shop\nsecret-of-this-shop' }, 'in one line'],
    ['shop', { current: 'secret-of-this-\u200bsecret' }, 'in one line'],
  ])('%s with the stored secret %j says what is wrong, and shows no secret', async (name, stored, words) => {
    const error: unknown = await warm(stored)
      .verify('x', name)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WebhookSecretUnusable);
    expect(String(error)).toContain(words);
    expect(String(error)).not.toMatch(/secret-of-this|AAAA|short/);
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

  it.each([24, 64])('takes a standard secret of %i bytes', async (length) => {
    await warm({ current: bytes(length) }).verify(bytes(length), 'checkout');
  });

  it('takes the secret that the stack begins with', async () => {
    const made = { current: 'aZ09'.repeat(11) };
    await warm(made).verify(made.current, 'stock');
    await warm(made).verify(made.current, 'checkout');
  });
});

describe('the command that a message asks for', () => {
  const ask = { connection: 'loja-rio', orderId: '342', reason: 'fraud' as const };
  const keyOf = (webhook: string, id: string) => commandOf(ask, { webhook, id, provider: 'estoka' }).idempotency?.key;

  it('has a key of its webhook and id', () => {
    expect(new Set([keyOf('checkout', '1'), keyOf('checkout', '2'), keyOf('shop', '1')]).size).toBe(3);
    expect(keyOf('checkout', '1')).not.toBe(scopedKey('checkout', '1'));
  });

  it('has the key that earlier versions of this code kept for it', () => {
    expect(commandOf(ask, { webhook: 'checkout', id: 'msg_1', provider: 'estoka' }).idempotency).toEqual({
      key: 'Sx3oUs82xDRHl7Q17SyT-aIt4XfGKXMAdTQWwyLcY80',
      fingerprint: 'JqEPjodm893k4_x1iYBltEALvUJBygZNIBpW2qbAV34',
    });
  });
});

/** What an operator finds in the log of a request that failed. */
it.each([new UnknownWebhook(), new WebhookNotVerified(), new SearchGivenUp(), new WebhookSecretUnusable()])(
  '%s says what happened',
  (error) => {
    expect(String(error)).toBe(error.constructor.name);
  },
);

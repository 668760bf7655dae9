import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  checkWebhooksFile,
  readWebhooksFile,
  sandboxWebhooks,
  webhookDeclarationsIn,
} from '../../../infra/local/webhooks-file.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countermand-webhooks-'));
  path = join(directory, 'webhooks.json');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('a webhooks file', () => {
  it('is declared without its secrets', async () => {
    writeFileSync(
      path,
      JSON.stringify({ checkout: { kind: 'standard', secret: { current: 'hush', previous: null } } }),
    );
    const webhooks = await readWebhooksFile(path);
    expect(webhooks['checkout']?.secret.current).toBe('hush');
    expect(webhookDeclarationsIn(webhooks)).toEqual({ checkout: { kind: 'standard' } });
  });

  it('may begin with a byte order mark, and its secrets may end in a line break', async () => {
    const secret = { current: 'hush\n', previous: 'hash\r\n' };
    writeFileSync(path, `\uFEFF${JSON.stringify({ stock: { kind: 'estoka', secret } })}`);
    expect((await readWebhooksFile(path))['stock']?.secret).toEqual({ current: 'hush', previous: 'hash' });
  });

  it.each([
    ['{"checkout": {"kind": "standard"}}', 'checkout.secret'],
    ['{"checkout": {"secret": {"current": "hush", "next": "hush"}}}', 'checkout.secret'],
    ['{"checkout": {"secret": {"current": "hush" "oops"}}}', 'is not valid JSON'],
  ])('names what is wrong in %s, and quotes no secret', async (text, words) => {
    writeFileSync(path, text);
    await expect(readWebhooksFile(path)).rejects.toThrow(words);
    await expect(readWebhooksFile(path)).rejects.not.toThrow(/hush/);
  });

  it('names all that is wrong at once, in plain words', async () => {
    writeFileSync(
      path,
      JSON.stringify({
        checkout: { kind: 'standard', connections: ['nobody'], secret: { previous: 'hush' } },
        shop: { kind: 'shopify', orderIdPath: 'tags' },
        other: { kind: 'stripe', secret: { current: 'hush' } },
      }),
    );
    const said = await checkWebhooksFile(path, new Map()).then(String, (error: unknown) => String(error));
    expect(said.split('\n').slice(1).sort()).toEqual([
      '  checkout.connections: there is no connection named nobody',
      '  checkout.secret.current: is missing',
      '  other.kind: must be one of estoka, standard, shopify',
      '  shop.connection: is missing',
      '  shop.secret: is missing',
    ]);
    expect(said).not.toContain('hush');
  });

  it('of the sandbox is written with secrets of chance, and then the operator’s own', async () => {
    const first = await sandboxWebhooks(path);
    const text = readFileSync(path, 'utf8');
    expect(Object.keys(first)).toEqual(['estoka', 'checkout', 'shop']);
    writeFileSync(path, text.replace('whsec_', 'whsec_edited'));
    expect((await sandboxWebhooks(path))['checkout']?.secret.current).toMatch(/^whsec_edited/);
    rmSync(path);
    expect((await sandboxWebhooks(path))['checkout']?.secret).not.toEqual(first['checkout']?.secret);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readWebhooksFile, sandboxWebhooks, webhookDeclarationsIn } from '../../../infra/local/webhooks-file.ts';

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

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/get-docs.ts';
import { docsPage } from '../infra/openapi/swagger-page.ts';
import { askRoute, keepingLog } from './support/api-event.ts';

const LAMBDA_REPLY_BYTES = 6 * 1024 * 1024;

describe('get-docs', () => {
  const ask = () => askRoute('get-docs', newHandler({ page: docsPage(), log: keepingLog() }), { authorizer: null });

  it('answers with a page that fits into a Lambda’s reply', async () => {
    const reply = await ask();
    expect(reply).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(JSON.stringify(reply).length).toBeLessThan(LAMBDA_REPLY_BYTES / 4);
  });

  it('lets the page’s own script and style run, and nothing else', async () => {
    const reply = await ask();
    const html = gunzipSync(Buffer.from(reply.body, 'base64')).toString('utf8');
    const policy = reply.headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    for (const element of ['script', 'style']) {
      // As a browser finds them: up to the first end tag.
      const [, text = ''] = new RegExp(`<${element}>([^]*?)</${element}`, 'i').exec(html) ?? [];
      const hash = createHash('sha256').update(text).digest('base64');
      expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
    }
    expect(html.match(/<(script|link|img|iframe)\b[^>]*\b(src|href)="?(https?:)?\/\//gi)).toBeNull();
  });
});

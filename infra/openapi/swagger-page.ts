import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { DocsPage } from '../../functions/http/docs-page.ts';

const require = createRequire(import.meta.url);

const START = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#document',
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  // Swagger UI's check of the document would call another host.
  validatorUrl: null,
});`;

/** Returns the documentation page. It contains Swagger UI and loads nothing but the OpenAPI document. */
export function docsPage(): DocsPage {
  const style = readFileSync(require.resolve('swagger-ui-dist/swagger-ui.css'), 'utf8');
  const library = readFileSync(require.resolve('swagger-ui-dist/swagger-ui-bundle.js'), 'utf8');
  const script = forScriptElement(`${library}\n${START}`);
  const html = [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Countermand</title>',
    `<link rel="icon" href="data:,"><style>${style}</style></head>`,
    `<body><div id="document"></div><script>${script}</script></body>`,
    '</html>',
  ].join('\n');
  return { html: gzipSync(html, { level: 9 }).toString('base64'), contentSecurityPolicy: policyFor({ style, script }) };
}

/** Returns a policy with which only the page's own code runs, and calls only the API that served it. */
function policyFor({ style, script }: { style: string; script: string }): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Escapes text that would end a script element, or begin a comment in it (HTML, 4.12.1.3). JavaScript reads it as before. */
function forScriptElement(code: string): string {
  return code.replace(/<(?=!--|\/?script)/gi, '\\x3C');
}

import { resolve } from 'node:path';
import { README_PORTS } from './ports.ts';
import type { Runner } from './runner.ts';
import { webhookAddress } from './webhooks-file.ts';

const DRY_RUN = `-H 'Content-Type: application/json' -d '{"dryRun": true}'`;

/** What `npm start` prints once every function answers. No line of it changes anything at a provider that is not the sandbox's. */
export function greeting(runner: Omit<Runner, 'close'>): string {
  const { url, token, connections, functionLog, awsEndpoint, events } = runner;
  return [
    `Countermand is ready on ${url}`,
    '',
    'Connections:',
    ...table(Object.entries(connections).map(([name, one]) => [name, String(one['provider']), String(one['baseUrl'])])),
    '',
    `Access token, with every scope: ${token}`,
    `The functions' log: ${functionLog}`,
    `SQS, EventBridge, Lambda: ${awsEndpoint} (for --endpoint-url)`,
    `The events of the bus: ${events}`,
    '',
    ...movedLines(runner),
    'Try, in another terminal:',
    `  export TOKEN=${quoted(token)}`,
    ...(runner.isSandbox ? sandboxLines(runner) : ownLines(runner)),
    `API document, to read and try in a browser: ${url}/docs`,
    '',
    ...webhookLines(runner),
  ].join('\n');
}

/** Addresses in the READMEs' lines that lead elsewhere than to this stack, and what to type instead. */
function movedLines({ url, connections, awsEndpoint, dataDir, isSandbox, anyPorts }: Omit<Runner, 'close'>): string[] {
  const sandbox = (provider: string) =>
    isSandbox ? String(Object.values(connections).find((one) => one['provider'] === provider)?.['baseUrl']) : null;
  const addresses: [number, string | null][] = [
    [README_PORTS.api, url],
    [README_PORTS.estoka, sandbox('estoka')],
    [README_PORTS.ngorder, sandbox('ngorder')],
    [README_PORTS.awsServices, awsEndpoint],
  ];
  const rows = addresses.flatMap(([port, here]) => {
    const written = `http://127.0.0.1:${port}`;
    if (here === null || here === written) return [];
    const isTaken = port !== README_PORTS.api && !anyPorts;
    return [[written, here, isTaken ? `(another program has port ${port})` : '']];
  });
  if (dataDir !== resolve('.countermand')) rows.push(['.countermand/', `${dataDir}/`, '']);
  if (rows.length === 0) return [];
  return ["In the READMEs' lines, replace what stands on the left with what stands on the right:", ...table(rows), ''];
}

/** The first lines are the README's first, in the same words: a person who goes on with the README sees what it shows. */
function sandboxLines({ url, connections }: Omit<Runner, 'close'>): string[] {
  const nameOf = (provider: string) =>
    Object.entries(connections).find(([, one]) => one['provider'] === provider)?.[0] ?? '';
  return [
    curl('-s -X POST', `${url}/v1/connections/${nameOf('estoka')}/orders/340/cancel`),
    curl(`-s -X POST ${DRY_RUN}`, `${url}/v1/connections/${nameOf('ngorder')}/orders/1338/cancel`),
    curl('-s', `${url}/v1/operations`),
  ];
}

/** The providers are real ones: these lines read, and a person puts the order's id in. */
function ownLines({ url, connections }: Omit<Runner, 'close'>): string[] {
  const [name = ''] = Object.keys(connections);
  const dryRun = curl(`-s -X POST ${DRY_RUN}`, `${url}/v1/connections/${name}/orders/ORDER_ID/cancel`);
  return [
    curl('-s', `${url}/v1/connections`),
    `${dryRun}   # put in an order's id; changes nothing`,
    curl('-s', `${url}/v1/operations`),
  ];
}

function curl(options: string, address: string): string {
  const [first, ...rest] = options.split(/ (?=-H|-d)/);
  return `  curl ${[first, '-H "Authorization: Bearer $TOKEN"', ...rest].join(' ')} ${address}`;
}

/** A token of the operator's own may hold characters that a shell takes for its own. */
function quoted(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function webhookLines({ url, webhooks }: Pick<Runner, 'url' | 'webhooks'>): string[] {
  const rows = Object.entries(webhooks).map(([name, webhook]) => [name, webhookAddress(url, name, webhook)]);
  return rows.length === 0
    ? []
    : ['Webhooks (functions/webhooks/README.md says how to send to them):', ...table(rows), ''];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(width(column))).join('  ')}`.trimEnd());
}

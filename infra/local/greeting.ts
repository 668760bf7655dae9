import { resolve } from 'node:path';
import { README_PORTS } from './ports.ts';
import type { Runner } from './runner.ts';
import { webhookAddress } from './webhooks-file.ts';

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
    'Try:',
    ...(runner.isSandbox ? cancels(runner) : dryRuns(runner)),
    curl(runner, 'GET', '/v1/operations'),
    '',
    ...webhookLines(runner),
  ].join('\n');
}

/** What in the README's lines leads elsewhere than to this stack, and what to type instead. */
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
  return ["In the README's lines, type for what stands on the left what stands on the right:", ...table(rows), ''];
}

function cancels(runner: Omit<Runner, 'close'>): string[] {
  const cancel = (provider: string, orderId: string) =>
    Object.entries(runner.connections)
      .filter(([, one]) => one['provider'] === provider)
      .slice(0, 1)
      .map(([name]) => curl(runner, 'POST', `/v1/connections/${name}/orders/${orderId}/cancel`));
  return [...cancel('estoka', '340'), ...cancel('ngorder', '1338')];
}

/** The providers are real ones: these lines read, and the order's id is left for a person to put in. */
function dryRuns(runner: Omit<Runner, 'close'>): string[] {
  const [name = ''] = Object.keys(runner.connections);
  const dryRun = curl(runner, 'POST', `/v1/connections/${name}/orders/ORDER_ID/cancel`);
  return [
    curl(runner, 'GET', '/v1/connections'),
    `${dryRun} -H 'Content-Type: application/json' -d '{"dryRun": true}'   # put in an order's id; changes nothing`,
  ];
}

function curl({ url, token }: Pick<Runner, 'url' | 'token'>, method: string, path: string): string {
  return `  curl -X ${method} -H 'Authorization: Bearer ${token}' '${url}${path}'`;
}

function webhookLines({ url, webhooks }: Pick<Runner, 'url' | 'webhooks'>): string[] {
  const rows = Object.entries(webhooks).map(([name, webhook]) => [name, webhookAddress(url, name, webhook)]);
  return rows.length === 0 ? [] : ['Webhooks (how to send to them: README, Webhooks):', ...table(rows), ''];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(width(column))).join('  ')}`.trimEnd());
}

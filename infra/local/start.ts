import { enableCompileCache } from 'node:module';
import { InvalidConnections } from '../../functions/providers/errors.ts';
import { InvalidWebhooks } from '../../functions/webhooks/errors.ts';
import { InvalidConnectionsFile } from './connections-file.ts';
import { DataDirInUse } from './data-dir.ts';
import { PortTaken } from './gateway.ts';
import { InvalidOptions, parseOptions, USAGE } from './options.ts';
import type { Runner } from './runner.ts';
import { InvalidWebhooksFile, webhookAddress } from './webhooks-file.ts';

/** What `npm start` runs: the stack on this machine, until Ctrl-C or SIGTERM. Returns the exit code. */
async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2), process.env);
    if (options === null) {
      console.log(USAGE);
      return 0;
    }
    const stopped = stopSignal();
    // The CDK's modules take seconds to compile; from the second start on they are read as compiled.
    enableCompileCache();
    const { startRunner } = await import('./runner.ts');
    const started = startRunner(options, (line) => {
      console.error(line);
    });
    const runner = await Promise.race([started, stopped]);
    if (runner === 'stopped') {
      await (await started).close();
      return 0;
    }
    console.log(greeting(runner));
    await stopped;
    await runner.close();
    return 0;
  } catch (error) {
    if (!OPERATORS_MISTAKES.some((mistake) => error instanceof mistake)) throw error;
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

const OPERATORS_MISTAKES = [
  InvalidOptions,
  InvalidConnections,
  InvalidConnectionsFile,
  InvalidWebhooks,
  InvalidWebhooksFile,
  DataDirInUse,
  PortTaken,
];

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<'stopped'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve('stopped');
      });
    }
  });
}

function greeting({ url, token, connections, webhooks, functionLog, awsEndpoint, events }: Runner): string {
  const rows = Object.entries(connections).map(([name, { provider, baseUrl }]) => [
    name,
    String(provider),
    String(baseUrl),
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const table = rows.map(
    ([name = '', provider = '', baseUrl = '']) =>
      `  ${name.padEnd(width(0))}  ${provider.padEnd(width(1))}  ${baseUrl}`,
  );
  const curl = (method: string, path: string) =>
    `  curl -X ${method} -H 'Authorization: Bearer ${token}' '${url}${path}'`;
  const cancel = (provider: string, orderId: string) =>
    rows
      .filter((row) => row[1] === provider)
      .slice(0, 1)
      .map(([name = '']) => curl('POST', `/v1/connections/${name}/orders/${orderId}/cancel`));
  return [
    `Countermand is ready on ${url}`,
    '',
    'Connections:',
    ...table,
    '',
    `Access token, with every scope: ${token}`,
    `The functions' log: ${functionLog}`,
    `SQS, EventBridge, Lambda: ${awsEndpoint} (for --endpoint-url)`,
    `The events of the bus: ${events}`,
    '',
    'Try:',
    ...cancel('estoka', '340'),
    ...cancel('ngorder', '1338'),
    curl('GET', '/v1/operations'),
    '',
    ...webhookLines(url, webhooks),
  ].join('\n');
}

function webhookLines(url: string, webhooks: Runner['webhooks']): string[] {
  const width = Math.max(...Object.keys(webhooks).map((name) => name.length));
  const lines = Object.entries(webhooks).map(
    ([name, webhook]) => `  ${name.padEnd(width)}  ${webhookAddress(url, name, webhook)}`,
  );
  return lines.length === 0 ? [] : ['Webhooks (how to send to them: README, Webhooks):', ...lines, ''];
}

if (import.meta.main) process.exit(await main());

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRunner } from './runner.ts';
import { openWatcher } from './watcher.ts';
import { recordExamples } from '../openapi/example-session.ts';

/** The program of `npm run openapi-examples`: sends the example session to a fresh local stack and keeps the replies as the document's examples. */
async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'countermand-examples-'));
  const options = {
    port: 0,
    dataDir,
    fresh: true,
    connectionsFile: null,
    webhooksFile: null,
    settleEveryMs: 60_000,
    token: null,
  };
  const watcher = openWatcher(options);
  const runner = await startRunner(options, watcher);
  watcher.endSteps();
  const text = JSON.stringify(await recordExamples(runner), null, 2);
  await runner.close();
  await rm(dataDir, { recursive: true });
  // This run's sandboxes have any free ports. The examples show the ports of `npm start`.
  const [estoka = '', ngorder = ''] = Object.values(runner.connections).map(({ baseUrl }) => String(baseUrl));
  const file = new URL('../openapi/examples.json', import.meta.url);
  await writeFile(
    file,
    `${text.replaceAll(estoka, 'http://127.0.0.1:4001').replaceAll(ngorder, 'http://127.0.0.1:4002')}\n`,
  );
  console.log(`Wrote ${file.pathname}`);
}

if (import.meta.main) await main();

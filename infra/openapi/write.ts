import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { openApiDocument } from './document.ts';

/** What `npm run openapi` runs: writes the document to the file that is named, or to `.build/openapi.json`. */
async function main(): Promise<void> {
  const file = resolve(process.argv[2] ?? '.build/openapi.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(await openApiDocument(), null, 2)}\n`);
  console.log(`Wrote ${file}`);
}

if (import.meta.main) await main();

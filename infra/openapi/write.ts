import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { openApiDocument } from './document.ts';

/** Writes the OpenAPI document to the named file, or to `.build/openapi.json`: the program of `npm run openapi`. */
async function main(): Promise<void> {
  const file = resolve(process.argv[2] ?? '.build/openapi.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(await openApiDocument(), null, 2)}\n`);
  console.log(`Wrote ${file}`);
}

if (import.meta.main) await main();

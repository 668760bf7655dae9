import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { CONNECTIONS_FILE, DOCS_FILE, OPENAPI_FILE, WEBHOOKS_FILE } from '../functions/runtime/environment.ts';
import type { BundledFile } from './function-row.ts';
import { errorCode, fileProblem } from './file-problems.ts';

export interface BundleNeeds {
  /** The functions' names, whether each knows the connections and the webhooks, and the file that is made for it. */
  readonly functions: readonly {
    readonly name: string;
    readonly knowsConnections: boolean;
    readonly knowsWebhooks: boolean;
    readonly file?: BundledFile;
  }[];
  /** Receives `functions/<name>/`, which is deployed, and `source-maps/`, which is not. Both are emptied first. */
  readonly buildDir: string;
  /** The declared connections, without credentials, as JSON. */
  readonly connections: unknown;
  /** The declared webhooks, without secrets, as JSON. */
  readonly webhooks: unknown;
  /** Where bundles are kept for the next run. Default: a directory that all runs of this checkout share. */
  readonly keptBundles?: string;
  /** Prints a line if bundles cannot be kept. */
  readonly complain: (line: string) => void;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Bundles by a digest of their sources. esbuild reads a thousand files, so unchanged sources are not bundled again. */
const KEPT_BUNDLES = join(ROOT, '.build', 'bundles');
const MADE_OF = [
  'functions/**/*.ts',
  'infra/bundle.ts',
  'infra/bundled/*.ts',
  'infra/*functions.ts',
  'infra/openapi/*',
  'package-lock.json',
  'tsconfig.json',
];
const KEEP_MS = 24 * 3_600_000;

/** Bundles every function, each into a folder of its own that holds only what is deployed. */
export async function bundle(needs: BundleNeeds): Promise<void> {
  const { functions, buildDir, connections, webhooks, keptBundles = KEPT_BUNDLES, complain } = needs;
  const empty = () =>
    Promise.all([functionsDir, sourceMapsDir].map((of) => rm(of(buildDir), { recursive: true, force: true })));
  await empty();
  try {
    await copyBundles(functions, keptBundles, buildDir);
  } catch (error) {
    // Keeping bundles only saves time. It fails if another user made the directory, or the checkout is read-only.
    if (errorCode(error) === null) throw error;
    complain(`The bundles are made anew, because none can be kept in ${keptBundles}: ${fileProblem(error)}.`);
    await empty();
    await fillWithBundles(functions, buildDir);
  }
  for (const { name, knowsConnections, knowsWebhooks } of functions) {
    const folder = functionDir(buildDir, name);
    if (knowsConnections) await write(join(folder, CONNECTIONS_FILE), JSON.stringify(connections));
    if (knowsWebhooks) await write(join(folder, WEBHOOKS_FILE), JSON.stringify(webhooks));
  }
}

/** Covers the functions' names as well as the sources: a row may be added to the table later than its file. */
function digestOf(functions: BundleNeeds['functions']): string {
  const digest = createHash('sha256').update(JSON.stringify(functions.map(({ name }) => name)));
  for (const file of globSync(MADE_OF, { cwd: ROOT }).sort()) {
    digest
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  }
  return digest.digest('hex').slice(0, 32);
}

async function copyBundles(functions: BundleNeeds['functions'], keptBundles: string, buildDir: string): Promise<void> {
  const kept = join(keptBundles, digestOf(functions));
  if (!(await exists(kept))) await makeBundles(functions, keptBundles, kept);
  for (const directory of [functionsDir, sourceMapsDir]) {
    await copyFolder(directory(kept), directory(buildDir));
  }
}

async function fillWithBundles(functions: BundleNeeds['functions'], directory: string): Promise<void> {
  await Promise.all([runEsbuild(functions, directory), makeFiles(functions, directory)]);
}

/** Makes `kept` appear whole or not at all: another process may be making the same bundles. */
async function makeBundles(functions: BundleNeeds['functions'], keptBundles: string, kept: string): Promise<void> {
  await mkdir(keptBundles, { recursive: true });
  await removeOld(keptBundles);
  const making = await mkdtemp(join(keptBundles, 'making-'));
  try {
    await fillWithBundles(functions, making);
    // A temporary directory is for this user only, but another user's run may use the bundles too.
    await chmod(making, 0o755);
    await rename(making, kept);
  } catch (error) {
    await rm(making, { recursive: true });
    if (!(await exists(kept))) throw error;
  }
}

/** Copies a folder without its modes, so that the copy can always be removed. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const copy = entry.isDirectory() ? copyFolder : copyFile;
    await copy(join(from, entry.name), join(to, entry.name));
  }
}

/** Removes bundles that are older than a day. Those of another user stay. */
async function removeOld(keptBundles: string): Promise<void> {
  for (const name of await readdir(keptBundles)) {
    const folder = join(keptBundles, name);
    const mtimeMs = await stat(folder).then(
      (found) => found.mtimeMs,
      () => Infinity,
    );
    if (Date.now() - mtimeMs > KEEP_MS) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function makeFiles(functions: BundleNeeds['functions'], buildDir: string): Promise<void> {
  for (const { name, file } of functions) {
    if (file !== undefined) await write(join(functionDir(buildDir, name), file), JSON.stringify(await FILES[file]()));
  }
}

/** These modules load every function, so they are imported only when their file is made. */
const FILES: Readonly<Record<BundledFile, () => Promise<unknown>>> = {
  [OPENAPI_FILE]: async () => (await import('./openapi/document.ts')).openApiDocument(),
  [DOCS_FILE]: async () => (await import('./openapi/swagger-page.ts')).docsPage(),
};

/** One esbuild call for all functions. */
async function runEsbuild(functions: BundleNeeds['functions'], buildDir: string): Promise<void> {
  const { outputFiles } = await esbuild.build({
    entryPoints: functions.map(({ name }) => ({ in: `${HANDLER}${name}`, out: join(name, 'index') })),
    outdir: functionsDir(buildDir),
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    // Takes the SDK's ES modules. Its CommonJS build, the default, cannot be tree-shaken.
    mainFields: ['module', 'main'],
    sourcemap: 'external',
    legalComments: 'none',
    plugins: [onlyHandlers, lighterColdStart],
    logLevel: 'warning',
  });
  // esbuild's process would stay, with hundreds of megabytes, as long as this one.
  await esbuild.stop();
  for (const { path, contents } of outputFiles) {
    const name = basename(dirname(path));
    await write(path.endsWith('.map') ? join(sourceMapsDir(buildDir), `${name}.mjs.map`) : path, contents);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The folder that is deployed as the function's code. */
export function functionDir(buildDir: string, name: string): string {
  return join(functionsDir(buildDir), name);
}

const functionsDir = (buildDir: string) => join(buildDir, 'functions');
const sourceMapsDir = (buildDir: string) => join(buildDir, 'source-maps');

async function write(path: string, contents: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}

const HANDLER = 'handler-of:';

/**
 * Bundles only what a function's handler needs. The other exports of its file are for tests and for the OpenAPI document. `sideEffects`
 * in package.json promises that modules used only by those can be left out.
 */
const onlyHandlers: esbuild.Plugin = {
  name: 'only-handlers',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${HANDLER}`) }, ({ path }) => ({
      path: path.slice(HANDLER.length),
      namespace: HANDLER,
    }));
    build.onLoad({ filter: /^/, namespace: HANDLER }, ({ path }) => ({
      contents: `export { handler } from './functions/${path}.ts';`,
      resolveDir: ROOT,
    }));
  },
};

/** Replaces two modules that libraries import by the small part that they use. Each stand-in says why. */
const lighterColdStart: esbuild.Plugin = {
  name: 'lighter-cold-start',
  setup(build) {
    const standIn = (file: string) => ({ path: fileURLToPath(new URL(`bundled/${file}`, import.meta.url)) });
    build.onResolve({ filter: /^node:http$/ }, ({ importer }) =>
      importer.includes('/@middy/') ? standIn('status-codes.ts') : null,
    );
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => standIn('lambda-credentials.ts'));
  },
};

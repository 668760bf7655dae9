import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundle, functionDir } from '../../infra/bundle.ts';
import { BUNDLED_FUNCTIONS } from '../../infra/synth.ts';

const directory = mkdtempSync(join(tmpdir(), 'countermand-bundle-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const complain = (line: string) => {
  throw new Error(line);
};
/** The functions that are bundled when these are asked for. */
async function namesInBundle(...names: string[]): Promise<string[]> {
  const buildDir = join(directory, names.join('+'));
  const functions = names.map((name) => ({ name, knowsConnections: false, knowsWebhooks: false }));
  await bundle({ functions, buildDir, connections: {}, webhooks: {}, complain });
  return ['health', 'list-providers'].filter((name) => existsSync(join(functionDir(buildDir, name), 'index.mjs')));
}

describe('bundles that are kept', () => {
  it('are those of the very functions that are asked for, also where no source has changed', async () => {
    expect(await namesInBundle('health')).toEqual(['health']);
    expect(await namesInBundle('health', 'list-providers')).toEqual(['health', 'list-providers']);
  }, 120_000);
});

describe('bundles that cannot be kept', () => {
  const make = async (keptBundles: string, buildDir: string) => {
    const said: string[] = [];
    await bundle({
      functions: [{ name: 'health', knowsConnections: false, knowsWebhooks: false }],
      ...{ buildDir, connections: {}, webhooks: {}, keptBundles },
      complain: (line) => said.push(line),
    });
    return { said, code: readFileSync(join(functionDir(buildDir, 'health'), 'index.mjs'), 'utf8') };
  };

  it('are made all the same, with a line that says so: where none can be written, and where those kept cannot be read', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const unwritable = await make(join(file, 'bundles'), join(directory, 'unwritable'));
    expect(unwritable.said).toEqual([
      expect.stringMatching(/^The bundles are made anew, .*: a part of its path is a file\.$/),
    ]);

    const keptBundles = join(directory, 'kept');
    const kept = await make(keptBundles, join(directory, 'first'));
    expect(kept).toEqual({ said: [], code: unwritable.code });
    const [name = ''] = readdirSync(keptBundles);
    // Others than the user who made them may read them.
    expect(statSync(join(keptBundles, name)).mode & 0o777).toBe(0o755);
    rmSync(join(keptBundles, name, 'functions'), { recursive: true });
    expect(await make(keptBundles, join(directory, 'second'))).toEqual({
      said: [expect.stringMatching(/^The bundles are made anew/)],
      code: unwritable.code,
    });
  }, 120_000);
});

describe('a bundle', () => {
  const buildDir = join(directory, 'all');
  const codeOf = (name: string) => readFileSync(join(functionDir(buildDir, name), 'index.mjs'), 'utf8');
  // Of all functions, as every run of this checkout keeps them.
  beforeAll(() => bundle({ functions: BUNDLED_FUNCTIONS, buildDir, connections: {}, webhooks: {}, complain }), 120_000);

  it('has the engine for patterns only where a pattern is searched for', () => {
    const names = ['receive-shopify-webhook', 'receive-webhook', 'receive-estoka-webhook'];
    expect(names.filter((name) => codeOf(name).includes('RE2JS'))).toEqual(['receive-shopify-webhook']);
  });

  it('has nothing of what its file exports for the API’s document', () => {
    const code = codeOf('list-providers');
    expect(code).toContain('/problems/');
    expect(code).not.toContain('What each provider can do');
    expect(code).not.toContain('ProviderList');
  });
});

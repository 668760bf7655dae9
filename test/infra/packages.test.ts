import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';

const root = join(import.meta.dirname, '..', '..');
/** The project's own packages; the tools that only checks use; Node 24 for machines that have another one. */
const MANIFESTS = ['package.json', '.config/tools/package.json', '.config/node-24/package.json'];
const INSTALLED = ['package.json', '.config/tools/package.json'];

const namesSchema = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({
  dependencies: namesSchema,
  devDependencies: namesSchema,
  optionalDependencies: namesSchema,
  overrides: namesSchema,
});
const lockSchema = z.object({ packages: z.record(z.string(), z.object({ resolved: z.string().optional() })) });

const cache = mkdtempSync(join(tmpdir(), 'countermand-packages-'));
afterAll(() => {
  rmSync(cache, { recursive: true });
});

const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
const lockOf = (manifest: string) => lockSchema.parse(read(join(dirname(manifest), 'package-lock.json')));

describe('the packages', () => {
  it.each(MANIFESTS)('of %s are pinned to one version each', (manifest) => {
    const all = Object.values(manifestSchema.parse(read(manifest))).flatMap((names) => Object.entries(names));
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(([, version]) => !/^(\d+\.\d+\.\d+|file:\.config\/[a-z0-9-]+)$/.test(version))).toEqual([]);
  });

  it.each(INSTALLED)(
    'of %s come from the registry that the machine is set to, not from one that the lock names',
    (manifest) => {
      const { packages } = lockOf(manifest);
      const hosts = Object.values(packages).flatMap(({ resolved }) => resolved?.match(/^\w+:.*/) ?? []);
      expect(hosts).toEqual([]);
    },
  );

  // .npmrc silences these warnings, for a machine with Node 20 gets dozens that are not true of Node 24, which runs everything.
  it.each(INSTALLED)('of %s suit Node 24, and each install script is allowed or denied', (manifest) => {
    const { status, stderr } = spawnSync(
      'npm',
      ['ci', '--dry-run', '--offline', '--engine-strict', '--strict-allow-scripts', '--loglevel', 'warn'],
      {
        cwd: join(root, dirname(manifest)),
        encoding: 'utf8',
        // No settings and no cache of this user's; npm runs on the Node that runs this test.
        env: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: cache },
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'countermand-start-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('a start that cannot be', () => {
  it.each([
    [
      'a data directory that is a file',
      ['--data-dir', join(root, 'package.json')],
      /package\.json: it is a file\. .*--data-dir/,
    ],
    [
      'a data directory below a file',
      ['--data-dir', join(root, 'package.json', 'data')],
      /a part of its path is a file/,
    ],
    [
      'no connections file',
      ['--connections', join(directory, 'none.json')],
      /none\.json cannot be read: it does not exist/,
    ],
    ['an unknown option', ['--frsh'], /Unknown option '--frsh'/],
  ])('is explained in one line: %s', (_, args, said) => {
    const { status, stderr } = start(['--port', '0', '--data-dir', join(directory, 'other'), ...args]);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(said)]);
    expect(status).toBe(1);
  });

  it('is explained in one line: what another user left there', () => {
    const other = join(directory, 'of-another');
    mkdirSync(other);
    writeFileSync(join(other, 'access-token'), 'x\n', { mode: 0o600 });
    chmodSync(directory, 0o755);
    chmodSync(other, 0o777);
    if (process.getuid?.() !== 0) return;
    const { status, stderr } = start(['--port', '0', '--data-dir', other], { uid: 65_534, gid: 65_534 });
    expect(stderr.trim()).toBe(
      `The data directory cannot be used, ${other}/access-token: this user may not use it. Name another one with --data-dir.`,
    );
    expect(status).toBe(1);
  });
});

function start(args: string[], user: { uid?: number; gid?: number } = {}) {
  const env = { PATH: process.env['PATH'] };
  return spawnSync(process.execPath, [join(root, 'infra', 'local', 'start.ts'), ...args], {
    env,
    encoding: 'utf8',
    ...user,
  });
}

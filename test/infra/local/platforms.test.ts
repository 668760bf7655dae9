import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { adviceFor } from '../../../infra/local/aws/dynamodb.ts';
import { readReadme } from '../../support/readmes.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'countermand-platforms-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** `npm start` on a machine that says that it is another one, without a database on PATH. */
function startOn(platform: string, arch: string) {
  const program = `
    Object.defineProperty(process, 'platform', { value: '${platform}' });
    Object.defineProperty(process, 'arch', { value: '${arch}' });`;
  const start = join(root, 'infra', 'local', 'start.ts');
  const args = ['--no-warnings', '--import', `data:text/javascript,${encodeURIComponent(program)}`, start];
  return spawnSync(process.execPath, [...args, '--port', '0', '--data-dir', join(directory, platform)], {
    encoding: 'utf8',
    cwd: directory,
    // Where a compile cache goes, Node asks the platform; the real one knows no such place.
    env: { PATH: directory, NODE_DISABLE_COMPILE_CACHE: '1' },
  });
}

describe('where no DynamoDB can be installed from npm', () => {
  it.each([
    ['darwin', 'arm64', 'brew install nubo-db/tap/dynoxide'],
    ['darwin', 'x64', 'brew install nubo-db/tap/dynoxide'],
    ['win32', 'x64', 'WSL'],
    ['linux', 'arm64', 'dynoxide'],
  ] as const)('npm start on %s, %s, says what to do in one line, as the README does', (platform, arch, words) => {
    const { status, stdout, stderr } = startOn(platform, arch);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(words)]);
    expect(stderr).toContain('COUNTERMAND_DYNAMODB_URL');
    expect(readReadme('README.md')).toContain(words);
  });

  it('is told from a machine where the package was left out', () => {
    expect(adviceFor('linux', 'x64')).toContain('npm ci');
  });
});

describe('where npm can install no Node 24, and the machine has an older one', () => {
  it('npm start says what to do in one line, as the README does', () => {
    const program = "Object.defineProperty(process, 'version', { value: 'v22.17.1' });";
    const old = `#!/bin/sh\nexec ${process.execPath} --import "data:text/javascript,${encodeURIComponent(program)}" "$@"\n`;
    writeFileSync(join(directory, 'node'), old, { mode: 0o755 });
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', scripts.start], {
      encoding: 'utf8',
      cwd: root,
      env: { PATH: directory, COUNTERMAND_DYNAMODB_URL: 'http://127.0.0.1:1' },
      timeout: 60_000,
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('v22.17.1')]);
    for (const words of ['brew install node@24', 'https://nodejs.org']) {
      expect(stderr).toContain(words);
      expect(readReadme('README.md')).toContain(words);
    }
  });
});

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');

/** A folder of tools with one tool, which comes from this disk: it says its arguments and where it runs. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countermand-tools-'));
  cpSync(join(root, '.config', 'tools', 'run.ts'), join(folder, 'run.ts'));
  mkdirSync(join(folder, 'tool'));
  const program =
    '#!/usr/bin/env node\nconsole.log(process.argv.slice(2).join(), process.cwd()); process.exitCode = 3;\n';
  writeFileSync(join(folder, 'tool', 'tool.js'), program, { mode: 0o755 });
  writeFileSync(
    join(folder, 'tool', 'package.json'),
    JSON.stringify({ name: 'tool', version: '1.0.0', bin: 'tool.js' }),
  );
  lock('1.0.0');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The folder's package.json and lock, at a version; with a dependency that the lock knows or not. */
function lock(version: string, dependencies = { tool: 'file:tool' }): void {
  const own = { name: 'tools', version, type: 'module', dependencies };
  const packages = {
    '': { ...own, dependencies: { tool: 'file:tool' } },
    'node_modules/tool': { resolved: 'tool', link: true },
    tool: { version: '1.0.0', bin: { tool: 'tool.js' } },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...own, lockfileVersion: 3, requires: true, packages }),
  );
}

function runTool() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'run.ts'), 'tool', 'a', 'b'], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, npm_config_offline: 'true' },
  });
  return { status, stdout, stderr };
}
const RAN = { status: 3, stdout: `a,b ${root}\n` };

describe('a tool of .config/tools', () => {
  it('is installed at its first use, which one line says, and runs on the project with its own exit code', () => {
    expect(runTool()).toEqual({ ...RAN, stderr: expect.stringMatching(/^Installing .*\n$/) });
    expect(runTool()).toEqual({ ...RAN, stderr: '' });
  });

  it('is installed anew when the lock is another', () => {
    runTool();
    lock('2.0.0');
    expect(runTool()).toEqual({ ...RAN, stderr: expect.stringMatching(/^Installing .*\n$/) });
    expect(runTool()).toEqual({ ...RAN, stderr: '' });
  });

  it('does not run when it cannot be installed, and the next run tries again', () => {
    lock('1.0.0', { tool: 'file:other' });
    for (const { status, stdout, stderr } of [runTool(), runTool()]) {
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^Installing .*\nnpm error /);
    }
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataDirInUse, openDataDir, UnusableDataDir, writeFacts } from '../../../infra/local/data-dir.ts';

let directory: string;
let dataDir: string;
let children: ChildProcess[];
beforeEach(() => {
  children = [];
  directory = mkdtempSync(join(tmpdir(), 'countermand-data-'));
  dataDir = join(directory, 'data');
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

const open = (path = dataDir, fresh = false) => openDataDir(path, { fresh });
const module = new URL('../../../infra/local/data-dir.ts', import.meta.url).href;
/** Opens the data directory in a process of its own, at the time `at`, and keeps it: its word is `mine`, or why it was turned away. */
async function openElsewhere(at = 0): Promise<{ word: string; child: ChildProcess }> {
  const code = `
    const { openDataDir } = await import(${JSON.stringify(module)});
    while (Date.now() < ${at});
    const word = await openDataDir(${JSON.stringify(dataDir)}, { fresh: true }).then(() => 'mine', (error) => error.message);
    console.log(word);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [word] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { word: word.trim(), child };
}

describe('a data directory', () => {
  it('has one owner: a second one is told who that is', async () => {
    const { child } = await openElsewhere();
    await expect(open()).rejects.toThrow(DataDirInUse);
    await expect(open()).rejects.toThrow(
      `A stack (process ${child.pid}) uses ${dataDir} already: stop it, or take another --data-dir.`,
    );
  });

  it('is let go with its owner, also when that is killed', async () => {
    const { child } = await openElsewhere();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { release } = await open();
    release();
    (await open()).release();
  });

  it('is the same by another path, and is not emptied under its owner', async () => {
    const { dataDir: paths, release } = await open();
    const facts = {
      pid: process.pid,
      url: 'http://127.0.0.1:1',
      dynamodbEndpoint: '',
      accessTokensTable: '',
      awsEndpoint: '',
    };
    await writeFacts(paths, facts);
    symlinkSync(dataDir, join(directory, 'other'));
    await expect(open(join(directory, 'other'), true)).rejects.toThrow(
      `A stack at http://127.0.0.1:1 (process ${process.pid}) uses`,
    );
    release();
  });

  it('goes to exactly one of those who ask for it at the same moment', async () => {
    const at = Date.now() + 3_000;
    const words = (await Promise.all([1, 2, 3, 4].map(() => openElsewhere(at)))).map(({ word }) => word);
    expect(words.filter((word) => word === 'mine')).toHaveLength(1);
    expect(words.filter((word) => /uses .* already/.test(word))).toHaveLength(3);
  });

  it.each([
    ['a file', 'file', 'file: it is a file. Name another one with --data-dir.'],
    ['below a file', 'file/data', 'file/data: a part of its path is a file. Name another one with --data-dir.'],
  ])('that is %s is refused in one line', async (_, name, said) => {
    writeFileSync(join(directory, 'file'), '');
    await expect(open(join(directory, name))).rejects.toThrow(UnusableDataDir);
    await expect(open(join(directory, name))).rejects.toThrow(
      `The data directory cannot be used, ${directory}/${said}`,
    );
  });
});

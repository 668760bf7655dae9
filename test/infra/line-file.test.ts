import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openFunctionLog } from '../../infra/local/aws/function-log.ts';
import { openLineFile } from '../../infra/line-file.ts';
import { openJournal } from '../../infra/local/sandbox/journal.ts';

let directory: string;
let path: string;
let complaints: string[];
const complain = (line: string) => complaints.push(line);
beforeEach(() => {
  complaints = [];
  directory = mkdtempSync(join(tmpdir(), 'countermand-lines-'));
  path = join(directory, 'lines');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A disk that takes `room` bytes, and then no more. */
function disk() {
  const state = { room: Infinity };
  const write = (file: string, bytes: Uint8Array) => {
    if (state.room <= 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC', syscall: 'write' });
    const taken = bytes.subarray(0, state.room);
    appendFileSync(file, taken);
    state.room -= taken.length;
    return taken.length;
  };
  return { state, write };
}

describe('a file of lines on a disk that is full', () => {
  it('fails nobody, says so once, and has every line, whole, once there is room again', async () => {
    const { state, write } = disk();
    const file = openLineFile(path, { complain, write, retryMs: 5 });
    file.append('first');
    state.room = 3;
    file.append('second');
    file.append('third');
    file.append('fourth');
    expect(readFileSync(path, 'utf8')).toBe('first\nsec');
    expect(complaints).toEqual([expect.stringMatching(/lines cannot be written \(the disk is full\)/)]);

    state.room = Infinity;
    while (complaints.length < 2) await sleep(1);
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\nthird\nfourth\n');
    expect(complaints[1]).toMatch(/can be written again; nothing got lost/);
  });

  it('keeps no more than a megabyte, and says how many lines got lost', () => {
    const { state, write } = disk();
    const file = openLineFile(path, { complain, write, retryMs: 60_000 });
    state.room = 0;
    for (let line = 1; line <= 30; line += 1) file.append('x'.repeat(100_000));
    state.room = Infinity;
    file.close();
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(11);
    expect(complaints[1]).toMatch(/20 lines of it got lost/);
  });

  it('is told of a second time when it is full a second time', () => {
    const { state, write } = disk();
    const file = openLineFile(path, { complain, write, retryMs: 60_000 });
    for (const room of [0, Infinity, 0]) {
      state.room = room;
      file.append('line');
    }
    expect(complaints).toEqual([
      expect.stringContaining('cannot be written'),
      expect.stringContaining('again'),
      expect.stringContaining('cannot be written'),
    ]);
    file.close();
  });
});

describe('a file of lines', () => {
  it('is made again when somebody takes it away', () => {
    const file = openLineFile(path, { complain });
    file.append('first');
    rmSync(path);
    file.append('second');
    expect(readFileSync(path, 'utf8')).toBe('second\n');
    expect(complaints).toEqual([]);
  });
});

describe('who writes', () => {
  it('the functions’ log is not failed by a device that is really full', () => {
    if (!existsSync('/dev/full')) return;
    symlinkSync('/dev/full', path);
    openFunctionLog(path, { complain, tell: () => undefined }).openOutput('work')('a line\nanother\n', null);
    expect(complaints).toEqual([expect.stringMatching(/the disk is full/)]);
  });

  it('a sandbox’s journal is not failed by a folder that is gone', () => {
    const journal = openJournal(join(directory, 'sandbox', 'journal'), complain);
    rmSync(join(directory, 'sandbox'), { recursive: true });
    journal.append({ event: 'cancelled', orderId: '1', at: 1 });
    expect(complaints).toEqual([expect.stringMatching(/journal cannot be written/)]);
  });
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openScreen, type Screen } from '../../../infra/local/screen.ts';

let screen: Screen | undefined;
afterEach(() => {
  screen?.endSteps();
});

/** A stream, and what a person sees of what was written to it: lines, of which the last one may be written over. */
function terminal(isTTY: boolean) {
  let raw = '';
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 60 });
  stream.setEncoding('utf8').on('data', (text: string) => (raw += text));
  const seen = () => {
    const lines = [''];
    for (const [piece] of raw.matchAll(/\u001b\[1G|\u001b\[2K|\n|[^\u001b\n]+|\u001b/g)) {
      if (piece === '\n') lines.push('');
      else if (piece === '\u001b[2K') lines[lines.length - 1] = '';
      else if (piece !== '\u001b[1G') lines.push(`${lines.pop() ?? ''}${piece}`);
    }
    return lines;
  };
  return { stream, seen, raw: () => raw };
}

describe('on a terminal', () => {
  const open = () => {
    const [out, err] = [terminal(true), terminal(true)];
    screen = openScreen({ out: out.stream, err: err.stream, env: { TERM: 'xterm' } });
    return { out, err, screen };
  };

  it('something turns while the stack starts, with what it does, and nothing of it is left', async () => {
    const { out, screen } = open();
    expect(out.seen()).toEqual([expect.stringMatching(/^\S Starting/)]);
    screen.step('Loading the functions');
    const before = out.raw().length;
    await sleep(300);
    expect(out.raw().slice(before)).toMatch(/\S Loading the functions/);
    screen.progress('12 of 37');
    expect(out.seen()).toEqual([expect.stringMatching(/^\S Loading the functions, 12 of 37$/)]);
    screen.endSteps();
    screen.print('Ready.');
    expect(out.seen()).toEqual(['Ready.', '']);
  });

  it('a line meanwhile stands above what turns', () => {
    const { out, err, screen } = open();
    screen.print('A line.');
    expect(out.seen()).toEqual(['A line.', expect.stringMatching(/^\S Starting/)]);
    screen.complain('A complaint.');
    expect(err.seen()).toEqual(['A complaint.', '']);
    // The complaint stands where the turning line was, which goes on below it.
    expect(out.raw().trimEnd()).toMatch(/\u001b\[2K[^\n]*Starting$/);
  });

  it('no step is longer than the terminal is wide: half a line cannot be written over', () => {
    const { out, screen } = open();
    screen.step('x'.repeat(200));
    expect(out.seen()).toEqual([expect.stringMatching(/^.{59}$/)]);
  });
});

describe('where nobody watches', () => {
  it.each([
    ['a pipe', false, {}],
    ['a terminal that can do nothing', true, { TERM: 'dumb' }],
  ])('each step is a line, and nothing turns: %s', async (_, isTTY, env) => {
    const out = terminal(isTTY);
    screen = openScreen({ out: out.stream, err: new PassThrough(), env });
    screen.step('Loading the functions');
    screen.progress('12 of 37');
    await sleep(200);
    screen.endSteps();
    screen.print('Ready.');
    expect(out.raw()).toBe('Loading the functions.\nReady.\n');
  });

  it('keeps no more lines than a megabyte for a reader that does not read, and says how many it left out', async () => {
    let take = () => {};
    const taken: string[] = [];
    const out = new Writable({
      decodeStrings: false,
      write(text: string, _, done) {
        taken.push(text);
        take = done;
        if (isRead) done();
      },
    });
    let isRead = false;
    screen = openScreen({ out, err: new PassThrough(), env: {} });
    for (let count = 0; count < 5000; count += 1) screen.print('x'.repeat(1023));
    expect(out.writableLength).toBeLessThan(2 ** 20 + 2048);
    isRead = true;
    take();
    while (out.writableLength > 0) await sleep(1);
    screen.print('A line.');
    while (out.writableLength > 0) await sleep(1);
    expect(taken.slice(-2).join('')).toMatch(/^… (39\d\d) lines were left out: nobody read them\.\nA line\.\n$/);
  });
});

describe('colours', () => {
  const program = `
    import { WriteStream } from 'node:tty';
    import { openScreen } from './infra/local/screen.ts';
    const terminal = { isTTY: true, getColorDepth: WriteStream.prototype.getColorDepth };
    if (process.argv[1] === 'terminal') Object.assign(process.stdout, terminal);
    const { paint } = openScreen({ out: process.stdout, err: process.stderr, env: { TERM: 'dumb' } });
    process.stdout.write(paint('red', 'error'));`;
  it.each([
    ['a terminal', 'terminal', { TERM: 'xterm' }, '\u001b[31merror\u001b[39m'],
    ['a terminal of a person who wants none', 'terminal', { TERM: 'xterm', NO_COLOR: '1' }, 'error'],
    ['no terminal', 'pipe', { TERM: 'xterm' }, 'error'],
    ['no terminal, but asked for', 'pipe', { TERM: 'xterm', FORCE_COLOR: '1' }, '\u001b[31merror\u001b[39m'],
  ])('%s', async (_, kind, env, text) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--no-warnings', '--input-type=module', '--eval', program, kind],
      { cwd: join(import.meta.dirname, '..', '..', '..'), env },
    );
    expect(stdout).toBe(text);
  });
});

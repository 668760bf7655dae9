import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { InvalidOptions, parseOptions } from '../../../infra/local/options.ts';

describe('the command line of npm start', () => {
  it('has defaults for everything', () => {
    expect(parseOptions([], {})).toEqual({
      port: 3000,
      dataDir: resolve('.countermand'),
      fresh: false,
      connectionsFile: null,
      webhooksFile: null,
      settleEveryMs: 5000,
      token: null,
    });
  });

  it('takes the port from the variable PORT, and rather from --port', () => {
    expect(parseOptions([], { PORT: '8080' })).toMatchObject({ port: 8080 });
    expect(parseOptions(['--port', '0'], { PORT: '8080' })).toMatchObject({ port: 0 });
  });

  it('takes everything else', () => {
    const args = ['--data-dir', '/d', '--fresh', '--connections', '/c.json', '--settle-every', '0.5'];
    expect(parseOptions(args, { COUNTERMAND_TOKEN: 't' })).toMatchObject({
      dataDir: '/d',
      fresh: true,
      connectionsFile: '/c.json',
      settleEveryMs: 500,
      token: 't',
    });
  });

  it('takes a token that was pasted with a line break, and none that no request could present', () => {
    expect(parseOptions([], { COUNTERMAND_TOKEN: ' token\r\n' })).toMatchObject({ token: 'token' });
    expect(parseOptions([], { COUNTERMAND_TOKEN: '\n' })).toMatchObject({ token: null });
    for (const token of ['to ken', 'to\nken', 'tokên', 't'.repeat(513)]) {
      expect(() => parseOptions([], { COUNTERMAND_TOKEN: token })).toThrow(InvalidOptions);
      expect(() => parseOptions([], { COUNTERMAND_TOKEN: token })).toThrow(/^COUNTERMAND_TOKEN must/);
    }
  });

  it.each([
    [['--port', '70000'], '--port'],
    [['--port', 'http'], '--port'],
    [['--settle-every', '0'], '--settle-every'],
    [['--settle-every', 'often'], '--settle-every'],
    [['--frsh'], '--frsh'],
    [['extra'], 'extra'],
    [['3001'], 'npm start -- --port 3001'],
    [['--data-dir', ''], '--data-dir must not be empty'],
    [['--connections='], '--connections must not be empty'],
  ])('names what is wrong in %j', (args, named) => {
    expect(() => parseOptions(args, {})).toThrow(InvalidOptions);
    expect(() => parseOptions(args, {})).toThrow(named);
  });

  it('asks for nothing more when help is wanted', () => {
    expect(parseOptions(['--help'], {})).toBeNull();
  });
});

import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { greeting } from '../../../infra/local/greeting.ts';
import { session } from '../../support/readmes.ts';

const sandbox = {
  'loja-rio': { provider: 'estoka', baseUrl: 'http://127.0.0.1:4001', credential: 'x' },
  'toko-jaya': { provider: 'ngorder', baseUrl: 'http://127.0.0.1:4002', credential: 'x' },
};
const runner = {
  ...{
    url: 'http://127.0.0.1:3000',
    token: 'cm_token',
    connections: sandbox,
    webhooks: {},
    awsEndpoint: 'http://127.0.0.1:4003',
  },
  ...{ functionLog: 'functions.log', events: 'events.ndjson', dataDir: resolve('.countermand') },
  ...{ isSandbox: true, anyPorts: false },
};
const asks = (text: string) => text.split('\n').filter((line) => /curl -s -X (POST|PUT|DELETE)/.test(line));

describe('what npm start prints', () => {
  it('has the README’s first two commands for the sandbox, and needs no other addresses than the READMEs have', () => {
    const text = greeting(runner);
    const [cancel, dryRun] = session('README.md').map(({ command }) => `  ${command}`);
    expect(asks(text)).toEqual([cancel, dryRun]);
    expect(text).not.toMatch(/In the README/);
  });

  it('sets the token as a shell reads it', () => {
    const tokenOf = (token: string) => {
      const line = /^ {2}export TOKEN=.*$/m.exec(greeting({ ...runner, token }))?.[0] ?? '';
      return execFileSync('bash', ['-c', `${line}; printf %s "$TOKEN"`], { encoding: 'utf8' });
    };
    for (const token of ['cm_token-1', 'it\'s $HOME`x`"\\!']) expect(tokenOf(token)).toBe(token);
  });

  it('changes nothing at a provider that is not the sandbox’s: it reads, and plans', () => {
    const own = { 'loja-sul': { provider: 'estoka', baseUrl: 'https://estoka.example', credential: 'x' } };
    const text = greeting({ ...runner, connections: own, isSandbox: false });
    expect(text).toContain('/v1/connections');
    expect(asks(text)).toEqual([expect.stringMatching(/-d '\{"dryRun": true\}' .*loja-sul\/orders\/ORDER_ID\/cancel/)]);
    expect(text).not.toContain('4001');
  });

  it('says which ports are another program’s, and what to type in the READMEs’ lines', () => {
    const moved = { ...sandbox, 'loja-rio': { ...sandbox['loja-rio'], baseUrl: 'http://127.0.0.1:41234' } };
    const text = greeting({ ...runner, connections: moved, awsEndpoint: 'http://127.0.0.1:41235' });
    expect(text).toMatch(
      /http:\/\/127\.0\.0\.1:4001 {2}http:\/\/127\.0\.0\.1:41234 {2}\(another program has port 4001\)/,
    );
    expect(text).toMatch(
      /http:\/\/127\.0\.0\.1:4003 {2}http:\/\/127\.0\.0\.1:41235 {2}\(another program has port 4003\)/,
    );
    expect(text).not.toMatch(/has port 4002/);
  });

  it('says so too where the operator chose: of ports, and of the data directory', () => {
    const text = greeting({ ...runner, url: 'http://127.0.0.1:3100', dataDir: '/data', anyPorts: true });
    expect(text).toMatch(/http:\/\/127\.0\.0\.1:3000 {2}http:\/\/127\.0\.0\.1:3100$/m);
    expect(text).toMatch(/\.countermand\/ +\/data\/$/m);
    expect(text).not.toContain('another program');
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { declarationsIn, readConnectionsFile, writeSandboxConnections } from '../../../infra/local/connections-file.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countermand-connections-'));
  path = join(directory, 'connections.json');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('a connections file', () => {
  it('is declared without its credentials', async () => {
    writeFileSync(path, JSON.stringify({ shop: { provider: 'estoka', credential: 'hush' } }));
    const connections = await readConnectionsFile(path);
    expect(connections).toMatchObject({ shop: { credential: 'hush' } });
    expect(declarationsIn(connections)).toEqual({ shop: { provider: 'estoka' } });
  });

  it('may begin with a byte order mark, and its credentials may end in a line break', async () => {
    writeFileSync(path, `\uFEFF${JSON.stringify({ shop: { provider: 'estoka', credential: 'hush\r\n' } })}\r\n`);
    expect(await readConnectionsFile(path)).toEqual({ shop: { provider: 'estoka', credential: 'hush' } });
    writeFileSync(path, JSON.stringify({ shop: { provider: 'estoka', credential: ' \n' } }));
    await expect(readConnectionsFile(path)).rejects.toThrow('shop.credential');
  });

  it('names the connection that has no credential', async () => {
    writeFileSync(path, JSON.stringify({ shop: { provider: 'estoka' } }));
    await expect(readConnectionsFile(path)).rejects.toThrow('shop.credential');
  });

  it('is never quoted where it is not valid JSON', async () => {
    writeFileSync(path, '{"shop": {"credential": "hush" "oops"}}');
    await expect(readConnectionsFile(path)).rejects.toThrow(/not valid JSON/);
    await expect(readConnectionsFile(path)).rejects.not.toThrow(/hush/);
  });

  it('keeps the credential that an operator wrote into it, and takes all else from the sandbox', async () => {
    await writeSandboxConnections(path, { shop: { baseUrl: 'http://127.0.0.1:1', credential: 'made' } });
    writeFileSync(path, readFileSync(path, 'utf8').replace('made', 'edited'));
    await writeSandboxConnections(path, { shop: { baseUrl: 'http://127.0.0.1:2', credential: 'made' } });
    expect(await readConnectionsFile(path)).toEqual({ shop: { baseUrl: 'http://127.0.0.1:2', credential: 'edited' } });
  });
});

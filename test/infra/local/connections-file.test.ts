import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  checkConnectionsFile,
  declarationsIn,
  readConnectionsFile,
  writeSandboxConnections,
} from '../../../infra/local/connections-file.ts';
import { refuseSharedCredentials } from '../../../infra/local/shared-credentials.ts';

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

  it('may be in UTF-16, as Windows saves what it calls Unicode', async () => {
    const text = `\uFEFF${JSON.stringify({ shop: { provider: 'estoka', credential: 'hush' } })}`;
    for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()]) {
      writeFileSync(path, bytes);
      expect(await readConnectionsFile(path)).toEqual({ shop: { provider: 'estoka', credential: 'hush' } });
    }
  });

  it('is said to be nested too deep where it is', async () => {
    writeFileSync(path, `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`);
    await expect(readConnectionsFile(path)).rejects.toThrow('is nested too deep.');
  });

  it('names the connection that has no credential', async () => {
    writeFileSync(path, JSON.stringify({ shop: { provider: 'estoka' } }));
    await expect(readConnectionsFile(path)).rejects.toThrow('shop.credential');
  });

  const words = async (text: string) => {
    writeFileSync(path, text);
    return checkConnectionsFile(path).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message.replaceAll(path, 'FILE') : null),
    );
  };

  it('names all that is wrong at once, in plain words: what is missing, and what is of another kind', async () => {
    const text = JSON.stringify({
      rio: { provider: 'estoka', organizationId: 1 },
      jaya: { provider: 'ngorder', baseUrl: 5, quietPeriodSeconds: 5.5, credential: 7, timeZon: 'Asia/Jakarta' },
      list: [],
    });
    const said = (await words(text))?.split('\n') ?? [];
    expect(said[0]).toBe('The connections file FILE cannot be used:');
    expect(said.slice(1).sort()).toEqual([
      '  jaya.baseUrl: must be a text',
      '  jaya.credential: must be a text',
      '  jaya.quietPeriodSeconds: must be a whole number',
      '  jaya.timeZon: is not a field that is known here',
      '  list: must be an object',
      '  rio.baseUrl: is missing',
      '  rio.credential: is missing',
    ]);
  });

  it.each([
    ['{}', 'The connections file FILE cannot be used: connections: there is none'],
    ['[]', 'The connections file FILE cannot be used: must be an object'],
    ['null', 'The connections file FILE cannot be used: must be an object'],
    ['', 'The connections file FILE is not valid JSON: it is empty.'],
    ['{"rio":\n  {"credential": "hush" "oops"}}', 'The connections file FILE is not valid JSON: line 2, column 25.'],
    ['{"río": {"credential": hush}}', 'The connections file FILE is not valid JSON: line 1, column 24.'],
  ])('says in one line what is wrong with %j', async (text, said) => {
    expect(await words(text)).toBe(said);
  });

  it('says in one line why it cannot be read', async () => {
    await expect(checkConnectionsFile(path)).rejects.toThrow(
      `The connections file ${path} cannot be read: it does not exist.`,
    );
    await expect(checkConnectionsFile(directory)).rejects.toThrow('cannot be read: it is a directory.');
    await expect(checkConnectionsFile(join(directory, 'a\0b'))).rejects.toThrow('cannot be read: ');
  });

  it('is read whatever editor wrote it', async () => {
    writeFileSync(path, `\uFEFF${JSON.stringify({ shop: { credential: 'hush' } })}`);
    expect(await readConnectionsFile(path)).toEqual({ shop: { credential: 'hush' } });
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
    expect(await readConnectionsFile(path)).toMatchObject({
      shop: { baseUrl: 'http://127.0.0.1:2', credential: 'edited' },
    });
  });

  it('says where the sandbox was at earlier starts, so that another port is no other account', async () => {
    const writeAndRead = async (port: number) => {
      await writeSandboxConnections(path, { shop: { baseUrl: `http://127.0.0.1:${port}`, credential: 'made' } });
      return (await readConnectionsFile(path))['shop']?.['formerly'];
    };
    expect(await writeAndRead(1)).toBeUndefined();
    expect(await writeAndRead(2)).toEqual(['http://127.0.0.1:1']);
    expect(await writeAndRead(2)).toEqual(['http://127.0.0.1:1']);
    expect(await writeAndRead(1)).toEqual(['http://127.0.0.1:2']);
    expect(await writeAndRead(3)).toEqual(['http://127.0.0.1:2', 'http://127.0.0.1:1']);
  });

  it('is refused where two connections have the credential that alone tells their accounts apart', () => {
    const ngorder = { provider: 'ngorder', baseUrl: 'https://ngorder.example', credential: 'one token' };
    const estoka = {
      provider: 'estoka',
      baseUrl: 'https://estoka.example',
      organizationId: 1,
      credential: 'one token',
    };
    const refusal = (connections: Parameters<typeof refuseSharedCredentials>[0]) => () => {
      refuseSharedCredentials(connections);
    };
    const other = { ...ngorder, baseUrl: 'https://other.example', credential: 'one token\n' };
    expect(refusal({ 'toko-jaya': ngorder, 'toko-dua': other })).toThrow(/toko-dua: .*toko-jaya/);
    expect(refusal({ 'toko-jaya': ngorder, 'toko-dua': other })).not.toThrow('one token');
    const several = {
      a: ngorder,
      b: { ...ngorder, credential: 'another' },
      c: estoka,
      d: { ...estoka, organizationId: 2 },
    };
    expect(refusal(several)).not.toThrow();
  });
});

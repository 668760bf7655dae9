import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { startEstokaSandbox } from '../../infra/local/sandbox/estoka-sandbox.ts';
import { newDataDir, startLocalStack } from '../support/local-stack.ts';

it('with --connections the stack serves two accounts at one provider side by side, and no sandbox', async () => {
  const own = await newDataDir();
  const accounts = {
    'loja-norte': await startEstokaSandbox({ credential: 'norte' }),
    'loja-sul': await startEstokaSandbox({ credential: 'sul' }),
  };
  const file = join(own.path, 'my-connections.json');
  const connections = Object.fromEntries(
    Object.entries(accounts).map(([name, account]) => [
      name,
      {
        provider: 'estoka',
        baseUrl: account.baseUrl,
        organizationId: 1,
        credential: account.credential(),
        quietPeriodSeconds: 1,
        timeoutSeconds: 2,
      },
    ]),
  );
  await writeFile(file, JSON.stringify(connections));
  const stack = await startLocalStack(own.path, ['--connections', file]);
  for (const name of Object.keys(accounts)) {
    expect(await stack.ask('POST', `/v1/connections/${name}/orders/340/cancel`)).toMatchObject({
      status: 200,
      body: { id: `${name}:340:1`, outcome: 'confirmed' },
    });
  }
  for (const { baseUrl } of Object.values(accounts)) {
    expect(await (await fetch(`${baseUrl}/_sandbox/orders/340`)).json()).toMatchObject({ effects: 1 });
  }
  expect((await stack.ask('GET', '/v1/connections')).body).toMatchObject({
    connections: [{ name: 'loja-norte' }, { name: 'loja-sul' }],
  });
  expect(await stack.stop()).toBe(0);
  await Promise.all(Object.values(accounts).map((account) => account.close()));
  await own.remove();
});

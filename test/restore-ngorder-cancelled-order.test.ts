import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/restore-ngorder-cancelled-order.ts';
import { askRoute, EVERYTHING } from './support/api-event.ts';
import { startNgorderChanges } from './support/ngorder-changes.ts';

describe('restore-ngorder-cancelled-order', () => {
  let ngorder: Awaited<ReturnType<typeof startNgorderChanges>>;
  beforeAll(async () => {
    ngorder = await startNgorderChanges();
  });
  afterAll(() => ngorder.stop());

  const ask = (body: unknown, authorizer: Record<string, string> | null = EVERYTHING) =>
    askRoute('restore-ngorder-cancelled-order', newHandler(ngorder.needs), { body: JSON.stringify(body), authorizer });

  it('makes a cancelled order active again, once', async () => {
    const reply = await ask({ id: 566 });
    expect(reply).toMatchObject({ statusCode: 200, headers: { 'countermand-operation': 'toko-jaya:566:1' } });
    expect(reply.json).toEqual({
      response: 'success',
      message: 'Order has been Returned',
      data: { order_id: 566, po_number: 505 },
    });
    const again = await ask({ id: 566 });
    expect(again).toMatchObject({ statusCode: 200, headers: { 'idempotent-replayed': 'true' }, json: reply.json });
    expect(await ngorder.readSandboxOrder('566')).toMatchObject({ status: 'active', calls: 1 });
  });

  it('fails in ngorder’s envelope', async () => {
    expect(await ask({ id: 777777 })).toMatchObject({ statusCode: 404, json: { response: 'Failed', data: null } });
    expect(await ask({})).toMatchObject({ statusCode: 400, json: { message: { id: [expect.any(String)] } } });
    expect(await ask({ id: 558 }, { ...EVERYTHING, scopes: 'cancel' })).toMatchObject({ statusCode: 403 });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/delete-ngorder-cancelled-order.ts';
import { askRoute, EVERYTHING } from './support/api-event.ts';
import { startNgorderChanges } from './support/ngorder-changes.ts';

describe('delete-ngorder-cancelled-order', () => {
  let ngorder: Awaited<ReturnType<typeof startNgorderChanges>>;
  beforeAll(async () => {
    ngorder = await startNgorderChanges();
  });
  afterAll(() => ngorder.stop());

  const ask = (orderId: string, body: unknown = {}, authorizer: Record<string, string> | null = EVERYTHING) =>
    askRoute('delete-ngorder-cancelled-order', newHandler(ngorder.needs), {
      params: { order_id: orderId },
      body: JSON.stringify(body),
      authorizer,
    });

  it('deletes a cancelled order for good, once, and keeps a tombstone', async () => {
    const reply = await ask('558', { id: 558 });
    expect(reply).toMatchObject({ statusCode: 200, headers: { 'countermand-operation': 'toko-jaya:558:1' } });
    expect(reply.json).toEqual({
      response: 'success',
      message: 'Order has been Deleted',
      data: { order_id: 558, po_number: 497 },
    });
    const again = await ask('558');
    expect(again).toMatchObject({ statusCode: 200, headers: { 'idempotent-replayed': 'true' }, json: reply.json });
    expect(await ngorder.readSandboxOrder('558')).toMatchObject({ status: 'deleted', calls: 1 });
  });

  it('does not delete an active order, and asks nothing of ngorder for it', async () => {
    const reply = await ask('1401');
    expect(reply).toMatchObject({
      statusCode: 422,
      json: { response: 'Failed', message: { id: [expect.any(String)] } },
    });
    expect(await ngorder.readSandboxOrder('1401')).toMatchObject({ status: 'active', calls: 0 });
  });

  it('deletes nothing where the path and the body name two orders', async () => {
    expect(await ask('566', { id: 567 })).toMatchObject({
      statusCode: 400,
      json: { message: { id: [expect.stringContaining('another order')] } },
    });
    expect(await ngorder.readSandboxOrder('566')).toMatchObject({ status: 'cancelled', calls: 0 });
  });

  it('fails in ngorder’s envelope', async () => {
    expect(await ask('777777')).toMatchObject({ statusCode: 404, json: { response: 'Failed', data: null } });
    expect(await ask('x')).toMatchObject({ statusCode: 400, json: { message: { id: [expect.any(String)] } } });
    expect(await ask('566', {}, { ...EVERYTHING, scopes: 'restore' })).toMatchObject({ statusCode: 403 });
  });
});

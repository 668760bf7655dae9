import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { taken } from '../../../functions/operations/rules/moves.ts';
import { isOpen } from '../../../functions/operations/rules/operation.ts';
import { perform, performLater } from '../../../functions/operations/perform.ts';
import type { OperationNeeds } from '../../../functions/operations/needs.ts';
import { settleDue } from '../../../functions/operations/settle-due.ts';
import { VETOES, vetoesOf } from '../../../functions/operations/unpaid/vetoes.ts';
import type { UnpaidOrder, UnpaidOrders } from '../../../functions/providers/provider.ts';
import type { Delivery, SeenRequest } from '../../providers/fake-provider.ts';
import type { FakeOrder } from '../../providers/ngorder/fake-ngorder.ts';
import { startDynamoDB, type TestDynamoDB } from '../../support/dynamodb.ts';
import { NOTHING } from '../backlog.ts';
import { NOW, orderRead, unpaid, openUnpaidShop } from './unpaid-shop.ts';

let dynamodb: TestDynamoDB;
let shops: Awaited<ReturnType<typeof openUnpaidShop>>[] = [];
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());
afterEach(async () => {
  await Promise.all(shops.map(({ fake }) => fake.close()));
  shops = [];
});

/** A shop whose unpaid order 2 was asked for by the rule, or by a person, and the first ask got lost and did nothing. */
async function loseAsk({
  by = 'rule',
  status = 500,
  whenRead = () => undefined,
  whenSeen = () => undefined,
}: {
  by?: 'rule' | 'person';
  status?: number;
  whenRead?: (nth: number, order: FakeOrder) => Delivery | undefined;
  whenSeen?: (request: SeenRequest) => void;
} = {}) {
  const orders: FakeOrder[] = [unpaid(2)];
  let isLost = true;
  let reads = 0;
  const shop = await openUnpaidShop(dynamodb, orders, {
    instead: (request) => {
      if (isLost) return request.method === 'POST' ? { status, body: '' } : undefined;
      whenSeen(request);
      const [order] = orders;
      return orderRead(request) !== null && order !== undefined ? whenRead((reads += 1), order) : undefined;
    },
  });
  shops.push(shop);
  const { name, needs, clock } = shop;
  const command = {
    connection: name,
    provider: 'ngorder',
    orderId: '2',
    kind: 'cancel',
    reason: 'fraud',
    note: 'call 081234567890',
    actor: 'ana',
    trigger: 'http',
    idempotency: { key: name, fingerprint: 'x' },
  } as const;
  if (by === 'rule') await shop.run();
  else await perform(command, needs, () => 30_000);
  expect(await shop.operation('2')).toMatchObject({ attempts: 1, state: status === 429 ? 'pending' : 'unknown' });
  isLost = false;
  const settle = async (opened: Parameters<typeof settleDue>[1] = needs) => {
    clock.advance(3_600_000);
    await settleDue([name], opened, () => 110_000);
    return shop.operation('2');
  };
  const [order = unpaid(2)] = orders;
  return { ...shop, orders, order, settle, command };
}

const SPARED = {
  state: 'refused',
  detail: 'spared',
  attempts: 1,
  words: null,
  evidence: { source: 'read_back', status: expect.any(String) },
};

describe('a rule’s open operation that somebody else asks for, too', () => {
  const paid = { payment_status: 'PAID', payment_date: '2026-03-10' };

  it.each([
    ['waits for the answer', perform],
    ['cannot wait', performLater],
  ])('is theirs from then on, and is not spared, when who asks %s', async (_, ask) => {
    const { settle, asked, order, needs, command, operation } = await loseAsk();
    const joined = await ask(command, needs, () => 30_000);
    expect(joined).toMatchObject({
      replayed: true,
      operation: { number: 1, trigger: 'http', reason: 'fraud', actor: 'ana', state: 'unknown', attempts: 1 },
    });
    expect(joined.operation.note).not.toContain('0812');
    expect(joined.operation.timeline.slice(-1)).toMatchObject([{ event: 'requested', detail: 'http' }]);
    expect(await operation('2')).toEqual(joined.operation);
    order.fields = { ...order.fields, ...paid };
    expect(await settle()).toMatchObject({ state: 'confirmed', attempts: 2 });
    expect(asked()).toEqual([2, 2]);
  });

  it('stays the rule’s where the rule asks again, and where somebody asks for something else', async () => {
    const { needs, command, operation } = await loseAsk();
    const before = await operation('2');
    await perform({ ...command, trigger: 'schedule', idempotency: null }, needs, () => 30_000);
    await expect(perform({ ...command, kind: 'restore' }, needs, () => 30_000)).rejects.toMatchObject({
      name: 'OperationInProgress',
      isSameKind: false,
    });
    expect(await operation('2')).toEqual(before);
  });

  it('is not theirs while it is being worked on: they are told to ask again, and their key stays free', async () => {
    const { needs, command, clock, operation, settle, order } = await loseAsk();
    const current = await operation('2');
    if (current === null || !isOpen(current)) throw new Error('It is not open.');
    const leaseUntil = clock.now() + 60_000;
    await needs.ledger.write(current, taken(current, leaseUntil, { owner: 'settler', now: clock.now() }));
    for (const ask of [perform, performLater]) {
      await expect(ask(command, needs, () => 30_000)).rejects.toMatchObject({
        name: 'OperationInProgress',
        isSameKind: false,
      });
    }
    expect(await needs.ledger.findKey(command.idempotency)).toBeNull();
    order.fields = { ...order.fields, ...paid };
    expect(await settle()).toMatchObject(SPARED);
    // What they ask for then is asked for.
    expect((await perform(command, needs, () => 30_000)).operation).toMatchObject({ number: 2, state: 'confirmed' });
  });

  it('is taken over by one of many, and the others get the same', async () => {
    const { needs, command } = await loseAsk();
    const asks = ['a', 'b', 'c', 'd'].map((key) =>
      perform(
        { ...command, idempotency: { key: `${command.connection} ${key}`, fingerprint: key } },
        needs,
        () => 30_000,
      ),
    );
    for (const { operation } of await Promise.all(asks))
      expect(operation).toMatchObject({ number: 1, trigger: 'http' });
  });
});

describe('the settler, with an operation that a rule opened', () => {
  it.each([500, 429])('asks again while the order is still what the rule means (after a %d)', async (status) => {
    const { settle, asked } = await loseAsk({ status });
    expect(await settle()).toMatchObject({ state: 'confirmed', attempts: 2 });
    expect(asked()).toEqual([2, 2]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['was paid', { payment_status: 'PAID', payment_date: '2026-03-10' }],
    ['was paid in part', { remaining_amount: 1 }],
    ['does not say any more how it is paid', { payment_status: null }],
    ['is being prepared', { order_progress_status: 'NO AWB' }],
    ['is to be paid on delivery by now', { cod_status: true }],
  ])('asks no more when the order %s meanwhile, and ends it', async (_, fields) => {
    const { settle, asked, order } = await loseAsk();
    order.fields = { ...order.fields, ...fields };
    expect(await settle()).toMatchObject(SPARED);
    expect(asked()).toEqual([2]);
  });

  it('asks no more when the order has expired, and ends it', async () => {
    const { settle, asked, order } = await loseAsk();
    order.list = 'EXPIRED';
    expect(await settle()).toMatchObject(SPARED);
    expect(asked()).toEqual([2]);
  });

  it('asks for nothing that is nowhere to be found, though the ask was never sent', async () => {
    const { settle, asked, orders, needs, operation } = await loseAsk();
    const current = await operation('2');
    if (current?.state !== 'unknown') throw new Error('It is not open.');
    await needs.ledger.write(current, { ...current, askReach: 'not_sent', version: current.version + 1, owner: 'x' });
    orders.splice(0);
    expect(await settle()).toMatchObject({ state: 'unknown', attempts: 1 });
    expect(asked()).toEqual([2]);
  });

  it('takes an order that is cancelled between its two looks for neither active nor cancelled yet', async () => {
    const moving = (nth: number, order: FakeOrder) => {
      // The first look at the list of orders is the look-up's, the second the rule's.
      if (nth === 2) order.list = 'CANCEL';
      return undefined;
    };
    const { settle, asked, log } = await loseAsk({ whenRead: moving });
    expect(await settle()).toMatchObject({ state: 'unknown', attempts: 1 });
    expect(log.error).not.toHaveBeenCalledWith('SETTLE_FAILED', expect.anything());
    expect(await settle()).toMatchObject({ state: 'confirmed', attempts: 1 });
    expect(asked()).toEqual([2]);
  });

  it('asks for nothing where it cannot read how the order is paid, and notes a credential that is rejected then', async () => {
    const rejecting = (nth: number) => (nth === 2 ? { status: 401, body: '{"response":"Failed"}' } : undefined);
    const { settle, asked, needs, name } = await loseAsk({ whenRead: rejecting });
    expect(await settle()).toMatchObject({ state: 'unknown', attempts: 1 });
    expect(await needs.health.read(name)).toMatchObject({ connection: name });
    expect(asked()).toEqual([2]);
  });

  it.each<[string, Delivery, 'provider_unusable' | null]>([
    ['is limited', { status: 429, headers: { 'retry-after': '3600' }, body: '' }, 'provider_unusable'],
    ['is not let in', { status: 401, body: '{"response":"Failed"}' }, 'provider_unusable'],
    ['is a page', { status: 200, body: '<html>' }, 'provider_unusable'],
    ['cannot be read', { status: 200, body: '{}' }, null],
  ])('waits where the rule’s read %s', async (_, delivery, why) => {
    const { needs, name, clock, asked, operation } = await loseAsk({
      whenRead: (nth) => (nth === 2 ? delivery : undefined),
    });
    clock.advance(3_600_000);
    const halted = why === null ? {} : { [name]: why };
    expect(await settleDue([name], needs, () => 110_000)).toEqual({ ...NOTHING, open: 1, halted });
    expect(await operation('2')).toMatchObject({ state: 'unknown', attempts: 1 });
    expect(asked()).toEqual([2]);
  });

  /** Opens the connection, with another answer to the rule's read. */
  function reading(openConnection: OperationNeeds['openConnection'], read: UnpaidOrders['read']) {
    return async (...query: Parameters<typeof openConnection>) => {
      const connection = await openConnection(...query);
      const { unpaidOrders } = connection.client;
      if (!unpaidOrders.offered) throw new Error('ngorder lists unpaid orders.');
      const another = { offered: true, call: { ...unpaidOrders.call, read } } as const;
      return { ...connection, client: { ...connection.client, unpaidOrders: another } };
    };
  }

  it('waits where the rule’s read does not reach the provider', async () => {
    const { needs, name, clock, asked, operation } = await loseAsk();
    const openConnection = reading(needs.openConnection, () =>
      Promise.resolve({ kind: 'not_sent', problem: 'provider_unreachable' }),
    );
    clock.advance(3_600_000);
    const report = await settleDue([name], { ...needs, openConnection }, () => 110_000);
    expect(report).toEqual({ ...NOTHING, open: 1, halted: { [name]: 'provider_unusable' } });
    expect(await operation('2')).toMatchObject({ state: 'unknown', attempts: 1 });
    expect(asked()).toEqual([2]);
  });

  it.each(['the look', 'the run'])(
    'waits where the time of %s is over, and reads nothing for the rule',
    async (whose) => {
      let leftMs = 110_000;
      let reads = 0;
      const { needs, name, clock, asked, operation } = await loseAsk({
        whenSeen: ({ path }) => {
          if (!path.endsWith('/order-cancel')) return;
          if (whose === 'the look') clock.advance(30_000);
          else leftMs = 0;
        },
      });
      const openConnection = reading(needs.openConnection, () => {
        reads += 1;
        return Promise.resolve({ kind: 'lost', problem: 'timed_out' });
      });
      clock.advance(3_600_000);
      expect(await settleDue([name], { ...needs, openConnection }, () => leftMs)).toEqual({ ...NOTHING, open: 1 });
      expect(reads).toBe(0);
      expect(await operation('2')).toMatchObject({ state: 'unknown', attempts: 1 });
      expect(asked()).toEqual([2]);
    },
  );

  it.each<[string, object]>([
    ['gone', { cancelUnpaid: undefined }],
    ['a dry run', { cancelUnpaid: { olderThanHours: 48, origins: ['STORE_FRONT'], dryRun: true } }],
  ])('asks no more when the rule is %s by now', async (_, changes) => {
    const { settle, asked, needs } = await loseAsk();
    const openConnection: typeof needs.openConnection = async (...query) => ({
      ...(await needs.openConnection(...query)),
      ...changes,
    });
    expect(await settle({ ...needs, openConnection })).toMatchObject(SPARED);
    expect(asked()).toEqual([2]);
  });

  it('sees that the lost ask was carried out', async () => {
    const { settle, asked, order } = await loseAsk();
    order.list = 'CANCEL';
    expect(await settle()).toMatchObject({ state: 'confirmed', evidence: { source: 'read_back' } });
    expect(asked()).toEqual([2]);
  });

  it('does as it is asked where a person cancels a paid order', async () => {
    const { settle, asked, order } = await loseAsk({ by: 'person' });
    order.fields = { ...order.fields, payment_status: 'PAID' };
    expect(await settle()).toMatchObject({ state: 'confirmed', attempts: 2 });
    expect(asked()).toEqual([2, 2]);
  });
});

describe('what keeps the rule from an order', () => {
  const NOW_MS = Date.parse(NOW);
  const RULE = {
    olderThanHours: 48,
    origins: ['APP', 'STORE_FRONT'],
    cashOnDelivery: true,
    mostPerRun: 10,
    dryRun: false,
  };
  const MEANT: UnpaidOrder = {
    orderId: '2',
    isActive: true,
    payment: 'none',
    isWaiting: true,
    cashOnDelivery: false,
    origin: 'APP',
    madeBy: NOW_MS - 48 * 3_600_000,
    warnings: [],
    total: null,
  };

  it.each<[string, Partial<UnpaidOrder>, string[]]>([
    ['nothing', {}, []],
    ['that it is not active', { isActive: false }, ['not_active']],
    ['a payment', { payment: 'shown' }, ['paid']],
    ['what may be a payment', { payment: 'unclear' }, ['payment_unclear']],
    ['cash on delivery', { cashOnDelivery: true }, ['cash_on_delivery']],
    ['that nobody knows of cash on delivery', { cashOnDelivery: null }, ['cash_on_delivery_unclear']],
    ['that it is being prepared', { isWaiting: false }, ['in_progress']],
    ['an origin that the rule does not name', { origin: 'POS' }, ['other_origin']],
    ['an origin that is not known', { origin: null }, ['other_origin']],
    ['an age that is not known', { madeBy: null }, ['age_unclear']],
    ['a millisecond', { madeBy: NOW_MS - 48 * 3_600_000 + 1 }, ['too_young']],
    ['a warning', { warnings: [{ code: 'shipped', text: 'x' }] }, ['shipped']],
    ['a payment and the warning of it, once', { payment: 'shown', warnings: [{ code: 'paid', text: 'x' }] }, ['paid']],
    [
      'all that there is',
      { isActive: false, isWaiting: false, origin: '' },
      ['not_active', 'in_progress', 'other_origin'],
    ],
  ])('is %s', (_, fields, vetoes) => {
    expect(vetoesOf({ ...MEANT, ...fields }, RULE, NOW_MS)).toEqual(vetoes);
  });

  it('is not what is unknown of cash on delivery where the account has none', () => {
    const rule = { ...RULE, cashOnDelivery: false };
    expect(vetoesOf({ ...MEANT, cashOnDelivery: null }, rule, NOW_MS)).toEqual([]);
    expect(vetoesOf({ ...MEANT, cashOnDelivery: true }, rule, NOW_MS)).toEqual(['cash_on_delivery']);
  });

  it('is that there is none', () => {
    expect(vetoesOf(null, RULE, NOW_MS)).toEqual(['not_active']);
  });

  it('has codes that are told apart', () => {
    expect(new Set(VETOES).size).toBe(VETOES.length);
    expect(VETOES).not.toContain('');
  });
});

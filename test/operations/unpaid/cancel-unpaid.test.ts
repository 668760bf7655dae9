import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { leaseMs } from '../../../functions/operations/budget.ts';
import { cancelUnpaid } from '../../../functions/operations/unpaid/cancel-unpaid.ts';
import { perform } from '../../../functions/operations/perform.ts';
import { settlingTimeMs } from '../../../functions/operations/settle.ts';
import { listedSnapshot } from '../../../functions/operations/rules/snapshot.ts';
import { redact } from '../../../functions/runtime/redact.ts';
import type { FakeOptions, FakeOrder } from '../../providers/ngorder/fake-ngorder.ts';
import { accounts, startFakeEstoka } from '../../support/accounts.ts';
import { memoryDynamoDB } from '../../simulation/memory-client.ts';
import { startDynamoDB, type TestDynamoDB } from '../../support/dynamodb.ts';
import { orderRead, unpaid, openUnpaidShop } from './unpaid-shop.ts';
import { shownOrder } from '../world.ts';

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

async function shop(orders: FakeOrder[], options: Parameters<typeof openUnpaidShop>[2] = {}) {
  const opened = await openUnpaidShop(dynamodb, orders, options);
  shops.push(opened);
  return opened;
}

/** The orders change as they are about to be read once more, after they were listed. */
function meanwhile(change: (order: FakeOrder, orders: FakeOrder[]) => void, orders: FakeOrder[]): FakeOptions {
  return {
    instead: (request) => {
      const order = orders.find(({ id }) => id === orderRead(request));
      if (order !== undefined) change(order, orders);
      return undefined;
    },
  };
}

const CANCELLED = { outcome: 'confirmed', detail: 'cancelled' };

describe('orders that nobody pays', () => {
  it('are cancelled, the oldest first, and the ledger says by what', async () => {
    const { run, asked, operation, name } = await shop([
      unpaid(2, {}, '2026-03-05 10:00:00'),
      unpaid(4, { order_category: 'SF_GUEST', total_amount: 'Rp50.000', remaining_amount: '50000' }),
      unpaid(6, {}, '2026-03-04 10:00:00'),
    ]);
    expect(await run()).toEqual({
      connection: name,
      dryRun: false,
      listed: 3,
      isListWhole: true,
      orders: [4, 6, 2].map((id) => ({
        orderId: String(id),
        total: { amount: id === 4 ? 50_000 : 100_000, currency: 'IDR' },
        operation: { id: `${name}:${id}:1`, ...CANCELLED },
      })),
      sums: [{ currency: 'IDR', amount: 250_000, orders: 3 }],
      vetoes: {},
      spared: [],
      haveOperation: 0,
      left: 0,
      stoppedBy: null,
      problem: null,
    });
    expect(asked()).toEqual([4, 6, 2]);
    expect(await operation('4')).toMatchObject({
      kind: 'cancel',
      state: 'confirmed',
      trigger: 'schedule',
      reason: 'expired',
      actor: 'cancelUnpaid',
      note: 'Not paid for more than 48 hours.',
    });
  });

  it('are listed over all dates up to the age, by status of payment', async () => {
    const { run, fake } = await shop([]);
    expect(await run()).toMatchObject({ listed: 0, isListWhole: true, orders: [], sums: [] });
    expect(Object.fromEntries(fake.seen[0]?.query ?? [])).toEqual({
      payment_status: 'UNPAID',
      start_date: '2000-01-01',
      end_date: '2026-03-09',
      per_page: '100',
      pagination_offset: '1',
    });
    expect(fake.seen).toHaveLength(1);
  });

  it('are read once more just before the cancel, each by one request', async () => {
    const { run, fake } = await shop([unpaid(2), unpaid(4, {}, '2026-03-04 10:00:00')]);
    await run();
    expect(fake.seen.map((request) => (request.method === 'GET' ? (orderRead(request) ?? 'list') : 'ask'))).toEqual([
      ...['list', 2, 'ask', 4, 'ask'],
    ]);
  });

  it('are spared when a payment comes in after they were listed', async () => {
    const orders = [unpaid(2), unpaid(4)];
    const paying = meanwhile((order) => {
      if (order.id === 2) order.fields = { ...order.fields, payment_status: 'PAID' };
    }, orders);
    const { run, asked, operation, log } = await shop(orders, paying);
    expect(await run()).toMatchObject({
      vetoes: { paid: 1 },
      spared: [{ orderId: '2', vetoes: ['paid'], seenBy: 'read' }],
      orders: [{ orderId: '4' }],
    });
    expect(asked()).toEqual([4]);
    expect(await operation('2')).toBeNull();
    expect(log.info).toHaveBeenCalledWith('UNPAID_ORDER_SPARED', expect.objectContaining({ orderId: '2' }));
  });

  const VETOES: [string, Record<string, unknown>, string[]][] = [
    ['is paid', { payment_status: 'PAID' }, ['paid']],
    ['is paid in part', { payment_status: 'INSTALLMENT' }, ['paid']],
    ['says in another word how it is paid', { payment_status: 'WAITING_CONFIRMATION' }, ['payment_unclear']],
    ['does not say how it is paid', { payment_status: null }, ['payment_unclear']],
    ['has no word at all on how it is paid', { payment_status: undefined }, ['payment_unclear']],
    ['says it twice, and not the same', { 'payment_status ': 'PAID' }, ['paid']],
    ['has a date of payment', { payment_date: '2026-03-09' }, ['paid']],
    ['does not say whether it has one', { payment_date: undefined }, ['payment_unclear']],
    ['has less to be paid than its amount', { remaining_amount: 40_000 }, ['paid']],
    ['has less to be paid, in a padded field', { ' remaining_amount': '40000' }, ['paid']],
    ['has more to be paid than its amount', { remaining_amount: 140_000 }, ['payment_unclear']],
    ['has nothing readable to be paid', { remaining_amount: 'all' }, ['payment_unclear']],
    ['has no readable amount', { total_amount: 'a lot' }, ['payment_unclear']],
    ['costs nothing', { total_amount: 0, remaining_amount: 0 }, ['payment_unclear']],
    ['has a history of payments', { payment: { payment_histoy: [{ nominal: 1 }] } }, ['paid']],
    ['was paid at some time', { paid_at: '2026-03-09 08:00:00' }, ['paid']],
    ['was paid, spelled otherwise', { paidAt: '2026-03-09 08:00:00' }, ['paid']],
    ['has a history, spelled otherwise', { paymentHistory: [{ nominal: 1 }] }, ['paid']],
    ['has a payment that is made', { payment: { payment_status: 'PAID' } }, ['paid']],
    ['has a payment that is made, in short', { payment: { status: 'INSTALLMENT', amount: 0 } }, ['paid']],
    ['has a payment in another word', { payment: { status: 'WAITING_CONFIRMATION' } }, ['payment_unclear']],
    ['has a payment with a date', { payment: { payment_date: '2026-03-09' } }, ['paid']],
    ['has a payment with a date, in short', { payment: { status: 'UNPAID', date: '2026-03-09' } }, ['paid']],
    ['has a payment that leaves less to be paid', { payment: { remaining_amount: 1 } }, ['paid']],
    ['has a payment of an amount', { payment: { status: 'UNPAID', amount: 1 } }, ['payment_unclear']],
    ['has a payment that is a word', { payment: 'UNPAID' }, ['payment_unclear']],
    ['has a list of payments with a history', { payment: [{ payment_history: [1] }] }, ['paid']],
    ['has a list of payments, one made', { payment: [{ status: 'UNPAID' }, { status: 'PAID' }] }, ['paid']],
    ['has a payment within a payment', { payment: { payment: { status: 'PAID' } } }, ['paid']],
    ['has payments', { payments: [{ id: 1 }] }, ['payment_unclear']],
    ['has a confirmation of a payment', { payment_confirmation: { id: 1 } }, ['payment_unclear']],
    ['has a proof of a payment', { payment_proof: 'proof.jpg' }, ['payment_unclear']],
    ['has a proof of a payment, spelled otherwise', { 'Proof-Of-Payment': 'proof.jpg' }, ['payment_unclear']],
    ['says what is not paid', { unpaidAmount: 100_000 }, ['payment_unclear']],
    ['is paid from a balance', { orderpay_amount: 100_000 }, ['payment_unclear']],
    ['is to be paid on delivery', { cod_status: true }, ['cash_on_delivery']],
    ['is to be paid on delivery, as a number', { cod_status: '1' }, ['cash_on_delivery']],
    ['does not say whether it is', { cod_status: undefined }, ['cash_on_delivery_unclear']],
    ['says it unreadably', { cod_status: 'maybe' }, ['cash_on_delivery_unclear']],
    ['is being prepared', { order_progress_status: 'NO AWB' }, ['in_progress']],
    ['does not say how far it is', { order_progress_status: undefined }, ['in_progress']],
    ['is on its way', { order_progress_status: 'ON PROCESS' }, ['in_progress', 'shipped']],
    ['has an airway bill', { awb_number: 'JX0001' }, ['shipped']],
    ['came from a marketplace', { shopee: { invoice: 'S1' } }, ['marketplace_order']],
    ['came from elsewhere', { order_category: 'APP' }, ['other_origin']],
    ['does not say where it came from', { order_category: null }, ['other_origin']],
    ['is cancelled', { order_status: 'CANCELED' }, ['not_active', 'already_cancelled']],
    ['stands in a word that is not known', { order_status: 'ON HOLD' }, ['not_active', 'status_unknown']],
    ['was made later', { created_at: '2026-03-09 10:00:00' }, ['too_young']],
    ['was made who knows when', { created_at: 'soon' }, ['age_unclear']],
    ['has no date', { created_at: null }, ['age_unclear']],
  ];

  it.each(VETOES)('are spared where the list shows one that %s', async (_, fields, vetoes) => {
    const { run, asked, operation } = await shop([unpaid(2, fields), unpaid(4)]);
    const report = await run();
    expect(report.orders.map(({ orderId }) => orderId)).toEqual(['4']);
    expect(asked()).toEqual([4]);
    expect(await operation('2')).toBeNull();
    // One of which the list is not asked at all is not there to be noted.
    if (report.listed === 2) expect(report.spared).toEqual([{ orderId: '2', vetoes, seenBy: 'list' }]);
  });

  it.each(VETOES)('are spared where the last read shows one that %s', async (_, fields, vetoes) => {
    const orders = [unpaid(2), unpaid(4)];
    const changing = meanwhile((order) => {
      if (order.id === 2) order.fields = { ...order.fields, ...fields };
    }, orders);
    const { run, asked, operation } = await shop(orders, changing);
    expect((await run()).spared).toEqual([{ orderId: '2', vetoes, seenBy: 'read' }]);
    expect(asked()).toEqual([4]);
    expect(await operation('2')).toBeNull();
  });

  it('are spared when they are gone by the last read', async () => {
    const orders = [unpaid(2)];
    const going = meanwhile((order) => {
      order.list = 'EXPIRED';
    }, orders);
    const { run, asked } = await shop(orders, going);
    expect((await run()).vetoes).toEqual({ not_active: 1 });
    expect(asked()).toEqual([]);
  });

  it('are cancelled where the fields of their payment are padded or spelled otherwise', async () => {
    const orders = [unpaid(2), unpaid(4, { payment_date: undefined, paymentDate: null })];
    const padding = meanwhile((order) => {
      order.fields = { ...order.fields, payment_status: undefined, 'payment_status ': 'UNPAID' };
    }, orders);
    const { run, asked } = await shop(orders, padding);
    expect((await run()).vetoes).toEqual({});
    expect(asked().sort()).toEqual([2, 4]);
  });

  it('are cancelled without a word on cash on delivery where the account has none', async () => {
    const orders = [unpaid(2, { cod_status: undefined, remaining_amount: undefined }), unpaid(4, { cod_status: true })];
    const { run, asked } = await shop(orders, { rule: { cashOnDelivery: false } });
    expect((await run()).vetoes).toEqual({ cash_on_delivery: 1 });
    expect(asked()).toEqual([2]);
  });

  it('are never asked for where the list or the last read shows any sign of a payment, whatever else they show', async () => {
    const sign = fc.constantFrom<Record<string, unknown>>(
      ...[{ payment_status: 'PAID' }, { payment_status: 'Installment' }, { payment_status: 7 }, { payment_status: {} }],
      ...[
        { payment_status: '' },
        { payment_status: 'FAIL' },
        { 'Payment_Status ': 'paid' },
        { ' payment_status': null },
      ],
      ...[{ payment_date: '2026-03-01' }, { payment_date: 0 }, { payment_date: { $date: '2026-03-01T00:00:00Z' } }],
      ...[{ 'payment_date ': '2026-03-01' }, { payment_date: undefined }, { remaining_amount: 99_999 }],
      ...[
        { remaining_amount: '0' },
        { remaining_amount: 'Rp99.999' },
        { remaining_amount: null },
        { total_amount: null },
      ],
      ...[
        { total_amount: 100_001, remaining_amount: 100_000 },
        { total_amount: '99.5' },
        { payment_histoy: [{ nominal: 1 }] },
        { is_paid: 1 },
      ],
      ...[{ payment_history: [1] }, { paid_amount: '1' }, { payment: { payment_history: { 1: 'x' } } }],
      ...[{ payment: { status: 'PAID' } }, { payment: [{ date: 0 }] }, { payment: [[{ bank_id: '847' }]] }],
      ...[{ payments: [0] }, { paymentProof: 'x' }, { isPaid: 1 }, { payment: true }, { PAYMENT_ID: 7 }],
    );
    const harmless = fc.constantFrom<Record<string, unknown>>(
      ...[{}, { payment_status: 'UNPAID' }, { payment_date: '' }, { remaining_amount: '100000' }, { paid_amount: 0 }],
      ...[{ total_amount: 'Rp100.000' }, { payment_histoy: [] }, { is_paid: false }, { remaining_amount: undefined }],
      ...[{ payment: null }, { payment: [] }, { payment: { status: 'UNPAID', date: null, amount: 0 } }],
      ...[{ payments: [] }, { paymentProof: '' }, { payment: { payment_histoy: [] } }, { isPaid: false }],
    );
    const shown = fc.record({ harmless, sign: fc.option(sign, { freq: 2 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ listed: shown, read: shown }), { minLength: 1, maxLength: 12 }),
        async (drawn) => {
          const fields = ({ harmless: some, sign: one }: (typeof drawn)[number]['read']) => ({ ...some, ...one });
          const orders = drawn.map(({ listed }, index) => unpaid(2 * index + 2, fields(listed)));
          const changing = meanwhile((order) => {
            const { read } = drawn[order.id / 2 - 1] ?? {};
            if (read !== undefined) order.fields = unpaid(order.id, fields(read)).fields ?? {};
          }, orders);
          const opened = await openUnpaidShop(memoryDynamoDB(), orders, changing);
          await opened.run();
          await opened.fake.close();
          const clean = drawn.flatMap(({ listed, read }, index) =>
            listed.sign === null && read.sign === null ? [2 * index + 2] : [],
          );
          expect(opened.asked().sort((one, other) => one - other)).toEqual(clean);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the age of an order', () => {
  const judgeAge = async (fields: Record<string, unknown>, orderDate?: string) => {
    const { run } = await shop([unpaid(2, fields, orderDate)]);
    const { orders, vetoes } = await run();
    return orders.length === 1 ? 'old' : vetoes;
  };
  /** It is ten in the morning of the tenth in Jakarta; 48 hours before was ten in the morning of the eighth. */
  it.each<[string, string, unknown]>([
    ['2026-03-08 10:00:00', '2026-03-08 10:00:00', 'old'],
    ['2026-03-08 10:00:00', '2026-03-08 10:00:01', { too_young: 1 }],
    ['2026-03-08 10:00:01', '2026-03-08 10:00:00', { too_young: 1 }],
    ['2026-03-08T03:00:00Z', '2026-03-08T03:00:00.000000Z', 'old'],
    ['2026-03-08T03:00:00Z', '2026-03-08T10:00:00+06:00', { too_young: 1 }],
    ['2026-03-07', '2026-03-07 20:00:00', 'old'],
    // A bare date is the whole day, so it is over when the day is.
    ['2026-03-08', '2026-03-08 09:00:00', { too_young: 1 }],
    ['2026-03-08 09:00:00', '2026-03-08', { too_young: 1 }],
    ['2026-03-08 09:00:00', '2026-02-31x', { age_unclear: 1 }],
    ['2026-03-08 09:00:00', '2026-99-99', { age_unclear: 1 }],
    ['2026-03-08 09:00:00', '', { age_unclear: 1 }],
    ['2026-03-12 09:00:00', '2026-03-01 09:00:00', {}],
  ])('ordered at %s, made at %s', async (orderDate, createdAt, expected) => {
    expect(await judgeAge({ created_at: createdAt }, orderDate)).toEqual(expected);
  });
});

describe('a run', () => {
  it('cancels as many as the rule allows, and the next one goes on', async () => {
    const orders = Array.from({ length: 5 }, (_, index) => unpaid(2 * index + 2));
    const { run, asked } = await shop(orders, { rule: { mostPerRun: 2 } });
    expect(await run()).toMatchObject({ stoppedBy: 'most_per_run', left: 3 });
    expect(asked()).toHaveLength(2);
    expect(await run()).toMatchObject({ stoppedBy: 'most_per_run', left: 1 });
    expect(await run()).toMatchObject({ stoppedBy: null, left: 0 });
    expect(asked().sort()).toEqual([10, 2, 4, 6, 8]);
  });

  it('in a dry run says what it would do, and changes nothing, however often', async () => {
    const { run, asked, operation, log } = await shop(
      [unpaid(2), unpaid(4, { cod_status: true }), unpaid(6, {}, '2026-03-04 10:00:00')],
      {
        rule: { dryRun: true },
      },
    );
    for (let times = 0; times < 2; times += 1) {
      expect(await run()).toMatchObject({
        dryRun: true,
        orders: [
          { orderId: '2', operation: null },
          { orderId: '6', operation: null },
        ],
        sums: [{ currency: 'IDR', amount: 200_000, orders: 2 }],
        vetoes: { cash_on_delivery: 1 },
      });
    }
    expect(asked()).toEqual([]);
    expect(await Promise.all(['2', '4', '6'].map(operation))).toEqual([null, null, null]);
    expect(log.info).toHaveBeenCalledWith('UNPAID_ORDER_PLANNED', expect.objectContaining({ orderId: '2' }));
  });

  it('lets an order be that has any operation: refused, restored, or open', async () => {
    const orders = [unpaid(2), unpaid(4), unpaid(6), unpaid(8)];
    const saying: FakeOptions = {
      instead: ({ method, body }) => {
        if (method !== 'POST') return undefined;
        if (body.includes('2')) return { status: 422, body: JSON.stringify({ response: 'Failed', message: 'No.' }) };
        return body.includes('6') ? { status: 500, body: '{}' } : undefined;
      },
    };
    const { name, needs, run, asked, fake } = await shop(orders, saying);
    const states = [];
    for (const [orderId, kind] of [
      ['2', 'cancel'],
      ['4', 'cancel'],
      ['4', 'restore'],
      ['6', 'cancel'],
    ] as const) {
      const command = { connection: name, provider: 'ngorder', orderId, kind, reason: null, note: null, actor: 'ana' };
      const { operation } = await perform({ ...command, trigger: 'http', idempotency: null }, needs, () => 30_000);
      states.push(operation.state);
    }
    expect(states).toEqual(['refused', 'confirmed', 'confirmed', 'unknown']);
    const [askedBefore, seenBefore] = [asked().length, fake.seen.length];
    expect(await run()).toMatchObject({ haveOperation: 3, orders: [{ orderId: '8' }] });
    expect(asked().slice(askedBefore)).toEqual([8]);
    // Nor is it read.
    expect(fake.seen.slice(seenBefore).map(orderRead)).toEqual([null, 8, null]);
  });

  it('lets an order be that got an operation since the ledger was asked for one, and even ended it', async () => {
    const refusing: FakeOptions = {
      instead: ({ method }) =>
        method === 'POST' ? { status: 422, body: JSON.stringify({ response: 'Failed', message: 'No.' }) } : undefined,
    };
    const { run, needs, asked } = await shop([unpaid(2)], refusing);
    await run();
    // As it looks to a run that overlapped with that one.
    needs.ledger.findCurrent = () => Promise.resolve(null);
    expect(await run()).toMatchObject({ haveOperation: 1, orders: [] });
    expect(asked()).toEqual([2]);
  });

  it.each(['restore', 'delete'] as const)(
    'lets an order be whose %s came in since the ledger was asked',
    async (kind) => {
      const orders = [unpaid(2)];
      let isLost = false;
      const { name, needs, run, asked } = await shop(orders, {
        instead: ({ method }) => (isLost && method !== 'GET' ? { status: 500, body: '{}' } : undefined),
      });
      const order = { connection: name, provider: 'ngorder', orderId: '2' };
      const fields = { ...order, reason: null, note: null, actor: 'ana', trigger: 'http', idempotency: null } as const;
      const performKind = async (asked: 'cancel' | 'restore' | 'delete') => {
        const tombstone = listedSnapshot({ order: shownOrder(), customer: null }, redact);
        const command = asked === 'delete' ? { ...fields, kind: asked, tombstone } : { ...fields, kind: asked };
        return (await perform(command, needs, () => 30_000)).operation.state;
      };
      expect(await performKind('cancel')).toBe('confirmed');
      isLost = kind === 'restore';
      expect(await performKind(kind)).toBe(isLost ? 'unknown' : 'confirmed');
      isLost = false;
      const askedBefore = asked().length;
      orders.splice(0, 1, unpaid(2));
      needs.ledger.findCurrent = () => Promise.resolve(null);
      expect(await run()).toMatchObject({ haveOperation: 1, orders: [], stoppedBy: null });
      expect(asked()).toHaveLength(askedBefore);
    },
  );

  it('overlaps with another, and each order is cancelled once', async () => {
    const orders = Array.from({ length: 8 }, (_, index) => unpaid(2 * index + 2));
    const { run, asked } = await shop(orders);
    const reports = await Promise.all([run(), run(), run()]);
    expect(asked().sort((one, other) => one - other)).toEqual(orders.map(({ id }) => id));
    expect(reports.flatMap((report) => report.orders)).toHaveLength(8);
  });

  it('calls nobody for a connection whose credential stands rejected', async () => {
    const { run, fake, needs, connections, name, credentials } = await shop([unpaid(2)]);
    const { credentialDigest } = await connections.open(name);
    await needs.health.markRejected(name, credentialDigest);
    expect(await run()).toMatchObject({ stoppedBy: 'needs_reauth', orders: [] });
    expect(fake.seen).toEqual([]);
    credentials.set(name, 'another');
    expect(await run()).toMatchObject({ stoppedBy: null, orders: [{ orderId: '2' }] });
  });

  it.each([
    ['the list', (nth: number) => nth === 1, false],
    ['the last read', (nth: number) => nth === 2, true],
  ])('notes a credential that is rejected at %s', async (_, isRejected, listed) => {
    const rejecting: FakeOptions = {
      instead: (_request, nth) => (isRejected(nth) ? { status: 401, body: '{"response":"Failed"}' } : undefined),
    };
    const { run, needs, name, asked, log } = await shop([unpaid(2)], rejecting);
    expect(await run()).toMatchObject({
      stoppedBy: 'needs_reauth',
      problem: 'credential_rejected',
      isListWhole: listed,
    });
    // That has an alarm of its own.
    expect(log.error).not.toHaveBeenCalledWith('UNPAID_RUN_FAILED', expect.anything());
    expect(await needs.health.read(name)).toMatchObject({ connection: name });
    expect(asked()).toEqual([]);
  });

  it('stops where the provider fails, and the next one goes on', async () => {
    let isIll = true;
    const failing: FakeOptions = {
      instead: ({ method, body }) =>
        isIll && method === 'POST' && body.includes('4') ? { status: 500, body: '{}' } : undefined,
    };
    const dates = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'].map((date) => `${date} 10:00:00`);
    const { run, asked } = await shop(
      dates.map((date, index) => unpaid(2 * index + 2, {}, date)),
      failing,
    );
    expect(await run()).toMatchObject({
      stoppedBy: 'provider',
      problem: 'provider_error',
      left: 2,
      orders: [{ operation: CANCELLED }, { operation: { outcome: 'unknown', detail: 'provider_error' } }],
    });
    expect(asked()).toEqual([2, 4]);
    isIll = false;
    expect(await run()).toMatchObject({ stoppedBy: null, haveOperation: 1 });
    expect(asked()).toEqual([2, 4, 6, 8]);
  });

  it.each([
    ['the list', 'list', 0],
    ['the last read', 2, 2],
  ])('asks for nothing where %s cannot be read', async (_, broken, left) => {
    const failing: FakeOptions = {
      instead: (request) =>
        request.method === 'GET' && (orderRead(request) ?? 'list') === broken ? CUT_OFF : undefined,
    };
    const { run, asked, log, name, needs } = await shop([unpaid(2), unpaid(4, {}, '2026-03-04 10:00:00')], failing);
    expect(await run()).toMatchObject({ stoppedBy: 'provider', problem: 'unreadable_reply', left, orders: [] });
    expect(log.error).toHaveBeenCalledWith('UNPAID_RUN_FAILED', { connection: name, problem: 'unreadable_reply' });
    expect(await needs.health.read(name)).toBeNull();
    expect(asked()).toEqual([]);
  });

  it('reports what it did though the ledger fails, and the next one goes on', async () => {
    const { run, asked, needs, log } = await shop([
      unpaid(2),
      unpaid(4, {}, '2026-03-04 10:00:00'),
      unpaid(6, {}, '2026-03-05'),
    ]);
    const whole = { ...needs.ledger };
    let isThrottled = true;
    needs.ledger.findCurrent = (connection, orderId) =>
      isThrottled && orderId === '4' ? Promise.reject(new Error('throttled')) : whole.findCurrent(connection, orderId);
    expect(await run()).toMatchObject({ orders: [{ orderId: '2' }], left: 2, stoppedBy: 'error', problem: 'Error' });
    expect(log.error).toHaveBeenCalledWith('UNPAID_RUN_FAILED', expect.objectContaining({ orderId: '4' }));
    isThrottled = false;
    expect(await run()).toMatchObject({ haveOperation: 0, stoppedBy: null });
    expect(asked()).toEqual([2, 4, 6]);
  });

  it('takes a claim that the ledger did not confirm for no operation of somebody else', async () => {
    const { run, asked, needs } = await shop([unpaid(2), unpaid(4, {}, '2026-03-04 10:00:00')]);
    needs.ledger.claim = () => Promise.reject(new Error('throttled'));
    expect(await run()).toMatchObject({ stoppedBy: 'error', problem: 'LedgerUnavailable', left: 2, haveOperation: 0 });
    expect(asked()).toEqual([]);
  });

  it('ends where what came of an ask cannot be written down', async () => {
    const { run, asked, needs } = await shop([unpaid(2), unpaid(4, {}, '2026-03-04 10:00:00')]);
    needs.ledger.write = () => Promise.reject(new Error('throttled'));
    expect(await run()).toMatchObject({
      orders: [{ orderId: '2', operation: { outcome: 'unknown' } }],
      left: 1,
      stoppedBy: 'error',
      problem: 'LedgerUnavailable',
    });
    expect(asked()).toEqual([2]);
  });

  it('holds an order no longer than settling it takes, though its function has minutes: a dead run’s orders are soon free', async () => {
    const { run, needs, connections, name, operation, clock } = await shop([unpaid(2)]);
    needs.ledger.write = () => Promise.reject(new Error('throttled'));
    const begun = clock.now();
    await run(() => begun + 290_000 - clock.now());
    const { leaseUntil } = z.object({ leaseUntil: z.string() }).parse(await operation('2'));
    const held = leaseMs(settlingTimeMs(await connections.open(name)), needs.clockSkewMs);
    expect(Date.parse(leaseUntil) - begun).toBe(held);
  });

  it('ends at whatever is thrown, also where it is no error', async () => {
    const { run, needs } = await shop([unpaid(2)]);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a library may do
    needs.ledger.findCurrent = () => Promise.reject('throttled');
    expect(await run()).toMatchObject({ orders: [], left: 1, stoppedBy: 'error', problem: 'unknown' });
  });

  it('opens the connection with the credential that is stored now', async () => {
    const { run, needs, name } = await shop([unpaid(2)]);
    const opened: unknown[] = [];
    const { openConnection } = needs;
    needs.openConnection = (...asked) => {
      opened.push(asked);
      return openConnection(...asked);
    };
    await run();
    expect(opened[0]).toEqual([name, { fresh: true }]);
  });

  it('is none of a provider that does not tell which orders are unpaid', async () => {
    const estoka = await startFakeEstoka(() => '2026-03-01');
    const { needs } = accounts(dynamodb, { 'loja-rio': { provider: 'estoka', fake: estoka } });
    const rule = { olderThanHours: 48, origins: ['APP'], cashOnDelivery: true, mostPerRun: 10, dryRun: false };
    const run = cancelUnpaid('loja-rio', rule, needs, () => 290_000);
    await expect(run).rejects.toThrow('estoka does not tell which orders are unpaid');
    expect(estoka.seen).toEqual([]);
    await estoka.close();
  });

  it('names what it spares the oldest first, and last what has no age', async () => {
    const cod = { cod_status: true };
    const orders = [
      unpaid(2, { ...cod, created_at: 'soon' }),
      unpaid(4, cod, '2026-03-05 10:00:00'),
      unpaid(6, { ...cod, created_at: null }),
      unpaid(8, cod, '2026-03-03 10:00:00'),
      unpaid(10, cod, '2026-03-04 10:00:00'),
    ];
    const { run } = await shop(orders, { sorted: (one, other) => one.id - other.id });
    const spared = (await run()).spared.map(({ orderId }) => orderId);
    expect(spared.slice(0, 3)).toEqual(['8', '10', '4']);
    expect(spared.slice(3).sort()).toEqual(['2', '6']);
  });

  it('counts every veto, and names the first hundred orders of them', async () => {
    const { run } = await shop(Array.from({ length: 101 }, (_, index) => unpaid(2 * index + 2, { cod_status: true })));
    const { vetoes, spared, isListWhole } = await run();
    expect([vetoes, spared.length, isListWhole]).toEqual([{ cash_on_delivery: 101 }, 100, true]);
  });

  it('gives the list a minute at most, and the time for one order is kept back', async () => {
    const { run, needs, connections, name } = await shop([]);
    const settling = settlingTimeMs(await connections.open(name));
    const given: number[] = [];
    const { openConnection } = needs;
    needs.openConnection = async (...args) => {
      const connection = await openConnection(...args);
      const { unpaidOrders } = connection.client;
      if (!unpaidOrders.offered) throw new Error('There is no list.');
      const list: typeof unpaidOrders.call.list = (query, call) => {
        given.push(call.timeoutMs);
        return unpaidOrders.call.list(query, call);
      };
      const watched = { offered: true as const, call: { ...unpaidOrders.call, list } };
      return { ...connection, client: { ...connection.client, unpaidOrders: watched } };
    };
    await run();
    await run(() => settling + 34_000);
    expect(given).toEqual([60_000, 30_000]);
  });

  it('begins an order for which there is just time enough', async () => {
    const { run, connections, name } = await shop([unpaid(2), unpaid(4, {}, '2026-03-04 10:00:00')]);
    const enough = settlingTimeMs(await connections.open(name));
    let timesAsked = 0;
    const remaining = () => ((timesAsked += 1) === 1 ? 290_000 : enough);
    expect(await run(remaining)).toMatchObject({ orders: [{ orderId: '2' }, { orderId: '4' }], stoppedBy: null });
  });

  it('begins no order that its time does not suffice for, and no list', async () => {
    const { run, asked, fake, clock } = await shop([unpaid(2), unpaid(4, {}, '2026-03-04 10:00:00')]);
    expect(await run(() => 72_000)).toMatchObject({ stoppedBy: 'out_of_time', listed: 0, left: 0 });
    expect(fake.seen).toEqual([]);
    // Time enough for the list and the first order, whose cancel takes two minutes.
    const endsAt = clock.now() + 150_000;
    expect(await run(() => endsAt - clock.now() - 120_000 * asked().length)).toMatchObject({
      stoppedBy: 'out_of_time',
      left: 1,
      orders: [{ orderId: '2' }],
    });
    expect(asked()).toEqual([2]);
  });
});

const CUT_OFF = { status: 200, body: '{' };

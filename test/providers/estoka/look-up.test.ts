import { describe, expect, it } from '@jest/globals';
import { estoka } from '../../../functions/providers/estoka/estoka.ts';
import type { OrderFacts } from '../../../functions/providers/provider.ts';
import { openClient, OWN_MARKS } from '../conformance.ts';
import { startFakeProvider, type Delivery } from '../fake-provider.ts';

async function lookUp(delivery: Delivery) {
  const fake = await startFakeProvider(() => delivery);
  try {
    const client = openClient({ provider: estoka, settings: { organizationId: 1 } }, fake.baseUrl);
    return await client.lookUp({ orderId: '340', askedAt: 0, historyMark: null }, { timeoutMs: 10_000 });
  } finally {
    await fake.close();
  }
}

/** What a look-up tells of an order that is as any other but for these fields. */
async function factsOf(fields: object): Promise<OrderFacts> {
  const order = { id: 340, organization_id: 1, status: 'waiting_picking', order_histories: [], ...fields };
  const reply = await lookUp({ status: 200, body: JSON.stringify({ order }) });
  if (!('order' in reply)) throw new Error(`The look-up ended as ${reply.kind}.`);
  return reply.order;
}
const happened = (...statuses: string[]) => ({
  order_histories: statuses.map((status, index) => ({ id: index + 1, status })),
});
const paid = (...payments: object[]) => ({ data: { payments } });

describe('the warnings of an order at Estoka', () => {
  it.each<[string, object, string[]]>([
    ['nothing special', {}, []],
    ['data that cannot be read', { data: 5 }, ['not_readable']],
    ['a cancelled one', { status: 'cancelled' }, ['already_cancelled']],
    ['a delivered one', { status: 'delivered' }, ['shipped']],
    ['one whose goods were released once', happened('released', 'pending_return'), ['shipped']],
    ['one that was delivered', happened('delivered'), ['shipped']],
    ['an invoice in its history', happened('nfe_issued'), ['invoice_issued']],
    ['an invoice by its emission', { data: { emission_status: 'issued' } }, ['invoice_issued']],
    ['an empty word of its emission', { data: { emission_status: '' } }, []],
    ['a payment', paid({ value: 62, method: '3' }), ['paid']],
    ['a payment whose method is not shown', paid({ value: '62.00' }), ['paid']],
    ['a payment after one that is none', paid({ value: 9, method: 90 }, { value: 0.01, method: 3 }), ['paid']],
    ['a payment of nothing', paid({ value: 0, method: '3' }), []],
    ['a payment that is not shown', paid({ method: '3' }), []],
    ['a method that means no payment', paid({ value: 62, method: '90' }), []],
    ['a return', { order_returns: [{ id: 1 }] }, ['partly_returned']],
    ['a return in its history', happened('completed_return'), ['partly_returned']],
    ['a return that has not ended', happened('pending_return'), []],
    ['a refusal to cancel, and nothing since', happened('picked', 'rejected_cancel'), ['refused_before']],
    ['a refusal to cancel, and more since', happened('rejected_cancel', 'problem_solved'), []],
    ['a status that is not known', { status: 'on_hold' }, ['status_unknown']],
    ['a status like the word for cancelled', { status: 'canceled' }, []],
    ...['billing', 'Waiting picking', 'picking'].map((status): [string, object, string[]] => [status, { status }, []]),
    ...['shipped', 'Entregue', 'in_transit', 'Em trânsito', 'Delivered', 'completed'].map(
      (status): [string, object, string[]] => [status, { status }, ['shipped']],
    ),
    ['another word of it in its history', happened('Saiu para entrega'), ['shipped']],
    ['payments in an object', { data: { payments: { 1: { value: 62, method: 3 } } } }, ['paid']],
    ['payments that are no list', { data: { payments: 'card' } }, ['not_readable']],
    ['payments among which one is none', paid({ value: 0, method: 3 }, 5 as unknown as object), ['not_readable']],
    ['a payment whose value could be two', paid({ value: '1.000', method: 3 }), ['not_readable']],
    ['returns in an object', { order_returns: { 2: { id: 1 } } }, ['partly_returned']],
    ['returns that are no list', { order_returns: 'all' }, ['not_readable']],
    ['an emission in another form', { data: { emission_status: { at: 'x' } } }, ['not_readable']],
    ['no payments and no returns', { data: { payments: null }, order_returns: null }, []],
  ])('with %s', async (_name, fields, codes) => {
    expect((await factsOf(fields)).warnings.map(({ code }) => code)).toEqual(codes);
  });

  it('say what is wrong, each in its own words', async () => {
    const { warnings } = await factsOf({
      status: 'cancelled',
      ...happened('delivered', 'nfe_issued', 'completed_return'),
      ...paid({ value: 1, method: 3 }),
    });
    const texts = warnings.map(({ text }) => text);
    expect(texts).toHaveLength(5);
    expect(new Set(texts).size).toBe(5);
    expect(texts.filter((text) => text.length < 20)).toEqual([]);
  });
});

describe('an order at Estoka', () => {
  it('has a total in reais where it shows one', async () => {
    expect((await factsOf({ data: { total_value: 0 } })).total).toEqual({ amount: 0, currency: 'BRL' });
    expect((await factsOf({ data: { total_value: 'much' } })).total).toBeNull();
    expect((await factsOf({ data: null })).total).toBeNull();
  });

  it('shows all that it holds of persons, each once', async () => {
    const address = (name: string) => ({
      street: `${name} street`,
      detail: `${name} detail`,
      neighborhood: ' Tijuca ',
      zipcode: `${name} zip`,
      city: 'Rio',
    });
    const data = {
      customer: { name: ' Ana ', email: 'ana@example.com', document: '1', phones: ['21', '22', ' ', '21'] },
      billing_address: address('billing'),
      shipping_address: address('shipping'),
    };
    expect((await factsOf({ data })).personalData).toEqual([
      ...['Ana', 'ana@example.com', '1', '21', '22'],
      ...['billing street', 'billing detail', 'Tijuca', 'billing zip', 'Rio'],
      ...['shipping street', 'shipping detail', 'shipping zip'],
    ]);
  });

  it('shows what it holds of persons in whatever form', async () => {
    const customer = { name: { first: 'Ana', last: 'Souza' }, document: 52998224725, phones: 21987654321, number: 12 };
    const data = { customer, shipping_address: ['Rua das Flores', { zipcode: 20550012 }] };
    const texts = ['Ana', 'Souza', '52998224725', '21987654321', 'Rua das Flores', '20550012'];
    expect((await factsOf({ data })).personalData).toEqual(texts);
    expect((await factsOf({ data: [data] })).personalData).toEqual(texts);
  });

  it.each([{ data: null }, { data: {} }, { data: { customer: null, billing_address: null } }])(
    'shows nothing of persons where there is nothing: %j',
    async (fields) => {
      expect((await factsOf(fields)).personalData).toEqual([]);
    },
  );
});

describe("Estoka's other answers to a look-up", () => {
  it.each([
    ['a page', {}, '  \n<html>', { kind: 'lost', problem: 'foreign_reply', status: 404 }],
    ['plain text', {}, 'order < 341 not found', { kind: 'lost', problem: 'foreign_reply', status: 404 }],
    ['nothing', {}, '', { kind: 'lost', problem: 'foreign_reply', status: 404 }],
    [
      'JSON of Rails',
      OWN_MARKS,
      '{"status":404,"error":"Not Found"}',
      { kind: 'lost', problem: 'unknown_reply', status: 404 },
    ],
    ['nothing, with its marks', OWN_MARKS, '', { kind: 'order_not_found' }],
    ['its own words', {}, '{"errors":"não encontrado"}', { kind: 'order_not_found' }],
  ])('404 with %s', async (_name, headers, body, reply) => {
    expect(await lookUp({ status: 404, headers, body })).toEqual(reply);
  });

  it.each([400, 403, 422])('%i tells nothing of the order', async (status) => {
    expect(await lookUp({ status, body: '{"errors":"x"}' })).toEqual({ kind: 'lost', problem: 'provider_error' });
  });

  it.each(['null', '{}', '{"order":null}', '{"order":{"id":340}}'])(
    '200 with the body "%s" is unreadable',
    async (body) => {
      expect(await lookUp({ status: 200, body })).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
    },
  );

  it.each([{ error: 'replica is behind' }, { errors: ['x'] }, { success: false }, { status: 'error' }])(
    'is unreadable where the reply says that it failed: %j',
    async (members) => {
      const order = { id: 340, organization_id: 1, status: 'waiting_picking', order_histories: [] };
      const body = JSON.stringify({ order, ...members });
      expect(await lookUp({ status: 200, body })).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
    },
  );

  it.each(['Anulado', 'ANULADA', 'estornado', 'void', 'voided', 'annulled', 'cancelado', 'canceling'])(
    'is still being decided where a word that is not documented may mean cancelled: %s',
    async (status) => {
      const order = { id: 340, organization_id: 1, status, order_histories: [] };
      expect((await lookUp({ status: 200, body: JSON.stringify({ order }) })).kind).toBe('deciding');
    },
  );
});

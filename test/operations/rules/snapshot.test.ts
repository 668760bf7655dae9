import { createHash } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { listedSnapshot, snapshotOf, snapshotSchema } from '../../../functions/operations/rules/snapshot.ts';
import { redact } from '../../../functions/runtime/redact.ts';
import { shownOrder } from '../world.ts';

const ITEM = { sku: 'A', name: 'Shirt', quantity: 1, unitPrice: 62.5 };
const itemsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ ...ITEM, sku: `sku ${index}` }));

describe('what is kept of an order', () => {
  it('is what its provider shows of it, and no more', () => {
    const { sha256, ...kept } = listedSnapshot(
      {
        order: shownOrder({
          cancelledAt: '2026-02-03T12:00:00.000Z',
          createdAt: '2026-02-01T12:00:01.000Z',
          customer: { name: 'Ana', document: null, email: 'ana@example.com', phones: [], address: null },
        }),
        customer: null,
      },
      redact,
    );
    expect(kept).toEqual({
      number: '10735',
      type: 'cancelled',
      orderedAt: '2026-02-01T12:00:00.000Z',
      cancelledAt: '2026-02-03T12:00:00.000Z',
      createdAt: '2026-02-01T12:00:01.000Z',
      updatedAt: '2026-02-02T12:00:00.000Z',
      total: { amount: 62.5, currency: 'BRL' },
      paymentStatus: 'PAID',
      items: [{ sku: 'A', name: 'Shirt for [redacted]', quantity: 1, unitPrice: 62.5 }],
      itemsLeftOut: 0,
    });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps that something could not be read, and does not take it for nothing', () => {
    const snapshot = snapshotOf(shownOrder({ items: null, total: null, unread: ['items', 'total'] }));
    expect(snapshot).toMatchObject({ items: null, itemsLeftOut: 0, total: null, unread: ['items', 'total'] });
    expect(snapshotSchema.parse(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    expect(snapshotOf(shownOrder({ items: [] }))).not.toHaveProperty('unread');
  });

  it('has a digest that anybody can work out from the rest: its JSON, with sorted keys and without white space', () => {
    const order = shownOrder({ number: '7', total: null, paymentStatus: null, items: [{ ...ITEM, name: null }] });
    const json =
      '{"cancelledAt":null,"createdAt":null,"items":[{"name":null,"quantity":1,"sku":"A","unitPrice":62.5}],"itemsLeftOut":0,' +
      '"number":"7","orderedAt":"2026-02-01T12:00:00.000Z","paymentStatus":null,"total":null,"type":"cancelled",' +
      '"updatedAt":"2026-02-02T12:00:00.000Z"}';
    expect(snapshotOf(order).sha256).toBe(createHash('sha256').update(json).digest('hex'));
  });

  it('is read from the ledger whole', () => {
    const snapshot = snapshotOf(shownOrder({ items: itemsOf(51) }));
    expect(snapshotSchema.parse(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    expect(snapshotSchema.safeParse({ sha256: snapshot.sha256 }).success).toBe(false);
  });

  it.each<[string, string]>([
    ['漢字の', 'x'],
    ['x', '漢字の'],
  ])('has fewer items where their texts are long in bytes: %s and %s', (sku, name) => {
    const items = itemsOf(50).map((item) => ({ ...item, sku: sku.repeat(33), name: name.repeat(33) }));
    const kept = snapshotOf(shownOrder({ items }));
    const bytes = Buffer.byteLength(JSON.stringify(kept.items));
    expect(bytes).toBeLessThan(16_100);
    expect(bytes).toBeGreaterThan(15_500);
    expect((kept.items?.length ?? 0) + kept.itemsLeftOut).toBe(50);
    expect(kept.items).toEqual(items.slice(0, kept.items?.length));
  });

  it('has the first fifty items, and how many more there are', () => {
    const all = snapshotOf(shownOrder({ items: itemsOf(50) }));
    expect(all).toMatchObject({ items: itemsOf(50), itemsLeftOut: 0 });
    const some = snapshotOf(shownOrder({ items: itemsOf(53) }));
    expect(some).toMatchObject({ items: itemsOf(50), itemsLeftOut: 3 });
  });

  it('has the first hundred characters of a text', () => {
    const [fits, tooLong] = ['x'.repeat(100), 'x'.repeat(101)];
    const texts = { number: tooLong, paymentStatus: tooLong, items: [{ ...ITEM, sku: tooLong, name: tooLong }] };
    const cut = { number: fits, paymentStatus: fits, items: [{ ...ITEM, sku: fits, name: fits }] };
    expect(snapshotOf(shownOrder(texts))).toMatchObject(cut);
    expect(snapshotOf(shownOrder(cut))).toMatchObject(cut);
  });

  it('has no half of a character, neither of the provider’s making nor of ours', () => {
    const numberOf = (number: string) => snapshotOf(shownOrder({ number })).number;
    expect(numberOf(`${'x'.repeat(98)}😀`)).toBe(`${'x'.repeat(98)}😀`);
    expect(numberOf(`${'x'.repeat(99)}😀`)).toBe('x'.repeat(99));
    expect(numberOf('a\ud83d.')).toBe('a\ufffd.');
  });

  it('has personal data struck out of every text that the provider chose, before it is cut', () => {
    const strike = jest.fn((text: string) => text.replace(/^x*/, ''));
    const items = [
      { ...ITEM, name: null },
      { ...ITEM, name: `${'x'.repeat(100)}Shirt` },
    ];
    expect(
      listedSnapshot({ order: shownOrder({ items }), customer: null }, strike).items?.map(({ name }) => name),
    ).toEqual([null, 'Shirt']);
    expect(strike.mock.calls.flat()).toEqual(['PAID', 'A', 'A', `${'x'.repeat(100)}Shirt`]);
  });

  const customer = {
    name: 'Felipe Flores',
    document: '12.345.678-x',
    email: 'felipe@loja.example',
    phones: ['(21) 99999-9998'],
    address: 'Rua Azul, 2021, Itu, 20550-012',
  };

  it.each([
    ['a name', 'Camisa de FELIPE', 'Camisa de [redacted]'],
    ['a document', 'RG 12 345 678-X', 'RG [redacted]'],
    ['an e-mail', 'felipe@loja.example', '[redacted]'],
    ['a phone without its area', '9.9999-9998', '[redacted]'],
    ['a phone as a code', '999999998', '[redacted]'],
    ['a street', 'entrega na rua azul', 'entrega na [redacted]'],
    ['a city', 'de Itu', 'de [redacted]'],
    ['what looks like personal data', 'CPF 529.982.247-25', 'CPF [redacted]'],
  ])('has %s of its customer nowhere', (_, text, expected) => {
    const order = shownOrder({ number: text, paymentStatus: text, items: [{ ...ITEM, sku: text, name: text }] });
    expect(listedSnapshot({ order, customer }, redact)).toMatchObject({
      number: expected,
      paymentStatus: expected,
      items: [{ sku: expected, name: expected }],
    });
  });

  it.each(['10735', '1234567890', '576461413038785752', 'R-2021-00123', '2021', 'PO-2021'])(
    'keeps the number %s',
    (number) => {
      const order = shownOrder({ number, items: [{ ...ITEM, sku: number }] });
      expect(listedSnapshot({ order, customer }, redact)).toMatchObject({ number, items: [{ sku: number }] });
    },
  );
});

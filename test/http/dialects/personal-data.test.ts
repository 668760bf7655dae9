import { describe, expect, it } from '@jest/globals';
import * as estoka from '../../../functions/http/dialects/estoka.ts';
import * as ngorder from '../../../functions/http/dialects/ngorder.ts';

describe('an order without personal data', () => {
  it('of Estoka has none at any depth, and keeps its shape', () => {
    const address = { city: 'Rio de Janeiro', street: 'Rua X' };
    const order = {
      id: 340,
      data: {
        code: '1',
        customer: { name: 'Maria', phones: ['21'] },
        billing_address: address,
        items: [{ quantity: 1 }],
      },
      customer: 'Maria',
      order_returns: [{ id: 43, returned_products: [{ id: 57, comments: 'Maria não quer' }] }],
    };
    expect(estoka.withoutPersonalData(order)).toEqual({
      id: 340,
      data: {
        code: '1',
        customer: { name: null, phones: null },
        billing_address: { city: null, street: null },
        items: [{ quantity: 1 }],
      },
      customer: null,
      order_returns: [{ id: 43, returned_products: [{ id: 57, comments: null }] }],
    });
  });

  it('of ngorder has none, also in fields that are not documented', () => {
    const row = {
      order_id: 1,
      receiver_name: 'Siti',
      receiver_email: 'siti@toko.example',
      customer_phone: '08',
      username: 'siti',
      note: 'for Siti',
      shopee: { buyer: 'Siti' },
      bank_name: 'Srono',
      products: [{ name: 'Kaos' }],
    };
    expect(ngorder.withoutPersonalData(row)).toEqual({
      order_id: 1,
      receiver_name: null,
      receiver_email: null,
      customer_phone: null,
      username: null,
      note: null,
      shopee: null,
      bank_name: 'Srono',
      products: [{ name: 'Kaos' }],
    });
  });
});

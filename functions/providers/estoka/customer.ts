import * as z from 'zod';
import type { Customer } from '../cancelled-order.ts';
import { newReading, phonesIn, textIn, textsWithin, Unread, valueOf, type Shown } from '../shown.ts';
import type { EstokaOrder } from './wire.ts';

const customerSchema = z.record(z.string(), z.unknown());
const ADDRESS = ['street', 'detail', 'neighborhood', 'city', 'zipcode'] as const;

/** Returns the customer and the delivery address; null if no customer is shown. */
export function customerOf(order: EstokaOrder): Customer | null {
  const data = valueOf(order.data);
  const customer = data?.['customer'] ?? null;
  if (customer === null) return null;
  const { told, unread } = newReading();
  const record = customerSchema.safeParse(customer).data;
  const shown = <Value>(field: string, read: (value: unknown) => Shown<Value>) =>
    told(field, record === undefined ? new Unread(customer) : read(record[field]));
  return {
    name: shown('name', textIn),
    document: shown('document', textIn),
    email: shown('email', textIn),
    phones: shown('phones', phonesIn),
    address: told('address', addressIn(data?.['shipping_address'] ?? data?.['billing_address'])),
    ...unread(),
  };
}

/** Returns an address on one line. */
function addressIn(value: unknown): Shown<string> {
  const address = customerSchema.safeParse(value).data;
  if (address === undefined) return textIn(value);
  const parts = ADDRESS.map((part) => textIn(address[part]));
  if (parts.some((part) => part instanceof Unread)) return new Unread(value);
  return parts.flatMap((part) => valueOf(part) ?? []).join(', ') || null;
}

/** Returns every text that an order shows of people and places, in any form. */
export function personalDataOf({ data }: EstokaOrder): string[] {
  if (data instanceof Unread) return textsWithin(data.shown);
  return [...new Set(textsWithin([data?.['customer'], data?.['billing_address'], data?.['shipping_address']]))];
}

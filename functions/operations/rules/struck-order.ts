import type { CancelledOrder } from '../../providers/cancelled-order.ts';
import type { ListedOrder } from '../../providers/provider.ts';
import { withoutValues } from '../../runtime/personal-values.ts';

/** Digits alone are a shop's own number, unless there are as many as in a CPF (11) or CNPJ (14). */
const BARE_CODE = /^(?!\d{11}$|\d{14}$)\d{1,20}$/;
/** The number of an order or an article, as shops make them. Its digits are not a house number. */
const PLAIN_CODE = /^\p{L}{0,4}[\d-]+$/u;

/**
 * Returns the order without personal data, for storage and for callers who may not see such data. Every text that a person chose loses
 * the order's own personal values and everything that looks like personal data. `redact` strikes out the latter.
 */
export function struckOrder(
  listed: Pick<ListedOrder, 'order' | 'customer' | 'others'>,
  redact: (text: string) => string,
): CancelledOrder {
  const { order } = listed;
  const withoutPeople = strikerOf(listed);
  const told = (text: string | null) => {
    if (text === null) return null;
    const struck = withoutPeople(text);
    return BARE_CODE.test(struck) ? struck : redact(struck);
  };
  return {
    ...order,
    number: told(order.number),
    paymentStatus: told(order.paymentStatus),
    items: order.items?.map((item) => ({ ...item, sku: told(item.sku), name: told(item.name) })) ?? null,
  };
}

/** Returns the order as it is shown: with its customer if the caller may see personal data and asks for it, else without personal data. */
export function orderAsShown(
  listed: Pick<ListedOrder, 'order' | 'customer' | 'others'>,
  includeCustomer: boolean,
  redact: (text: string) => string,
): CancelledOrder {
  return includeCustomer ? { ...listed.order, customer: listed.customer } : struckOrder(listed, redact);
}

function strikerOf({ customer, others = [] }: Pick<ListedOrder, 'customer' | 'others'>): (text: string) => string {
  const { name = null, document = null, email = null, phones = null, address = null } = customer ?? {};
  const own = [name, document, email, ...(phones ?? [])].filter((value) => value !== null);
  // Each part of an address is struck out on its own too, except house numbers: any text may hold such a number.
  const places = address === null ? [] : [address, ...address.split(', ').filter((part) => /\p{L}/u.test(part))];
  const [fromCodes, fromTexts] = [withoutValues(own), withoutValues([...own, ...places, ...others])];
  return (text) => (PLAIN_CODE.test(text) ? fromCodes(text) : fromTexts(text));
}

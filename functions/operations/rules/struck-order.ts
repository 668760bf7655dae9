import type { CancelledOrder } from '../../providers/cancelled-order.ts';
import type { ListedOrder } from '../../providers/provider.ts';
import { withoutValues } from '../../runtime/personal-values.ts';

/** Digits alone are a shop's own number, unless they are as many as those of a CPF (11) or CNPJ (14). */
const BARE_CODE = /^(?!\d{11}$|\d{14}$)\d{1,20}$/;
/** The number of an order or an article as shops make them: the digits in it are no house's. */
const PLAIN_CODE = /^\p{L}{0,4}[\d-]+$/u;

/**
 * The order as who may see nothing personal may see it, and as it is kept: what its people's values are, and what looks like
 * personal data, is struck out of every text that somebody chose. `redact` strikes out what looks like it.
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

/** The order as it is shown: with its customer to a caller who may see personal data and asks for them, else without people. */
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
  // The parts of an address on their own too, but for house numbers, which every text may hold.
  const places = address === null ? [] : [address, ...address.split(', ').filter((part) => /\p{L}/u.test(part))];
  const [fromCodes, fromTexts] = [withoutValues(own), withoutValues([...own, ...places, ...others])];
  return (text) => (PLAIN_CODE.test(text) ? fromCodes(text) : fromTexts(text));
}

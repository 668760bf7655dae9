import * as z from 'zod';
import { wholeNumber } from '../runtime/exact-json.ts';
import type { ConnectionDeclaration } from '../providers/connections.ts';
import type { OriginalOrder } from '../providers/provider.ts';
import type { Problem } from '../http/problems.ts';
import type { ApiReply } from '../http/request.ts';
import { allOf, onlyAllowed, type Members } from './allow-list.ts';
import { dropInHeaders, type DropInAnswer } from './drop-in.ts';
import { fieldErrorsIn } from './field-errors.ts';

/** Estoka's dialect: as documented, and beyond that as its vendor's other products answer. */

/**
 * Returns the reply to a cancel. `original`: the order as Estoka shows it now; null if it could not be read. An operation that is
 * not final is answered with 202, and the reply shows no more of the order than is known.
 */
export function estokaReply(
  answer: DropInAnswer,
  order: { id: string; organizationId: number; original: OriginalOrder | null },
): ApiReply {
  const { operation } = answer;
  const headers = dropInHeaders(answer);
  const shown = order.original ?? { id: wholeNumber(order.id), organization_id: order.organizationId };
  switch (operation.outcome) {
    case 'confirmed':
      if (order.original !== null) return { status: 200, headers, body: { order: shown } };
      return {
        status: 503,
        headers: { ...headers, 'retry-after': '5' },
        body: { errors: 'The order is cancelled, but it could not be read now. Ask again.' },
      };
    case 'pending':
    case 'unknown':
    case 'needs_attention':
      return { status: 202, headers, body: { order: shown } };
    case 'refused':
      if (operation.detail === 'order_not_found')
        return { ...NOTHING, status: 404, headers: { ...NOTHING.headers, ...headers } };
      return { status: 422, headers, body: { errors: operation.words || 'The order was not cancelled.' } };
  }
}

const NOTHING = { headers: { 'content-type': 'application/json' }, body: new Uint8Array() };

/** Whether a connection is to this organization's account. */
export function isOfOrganization(organizationId: number): (declaration: ConnectionDeclaration) => boolean {
  return ({ provider, settings }) =>
    provider === 'estoka' && settingsSchema.safeParse(settings).data?.organizationId === organizationId;
}

const settingsSchema = z.object({ organizationId: z.int() });

/**
 * Returns a problem in Estoka's dialect. The body is empty for an unknown order or organization, for one of another account, and
 * for a 401.
 */
export function estokaProblem({ slug, status, detail, members, headers = {} }: Problem): ApiReply {
  const fields = fieldErrorsIn(members);
  const isUnknown = slug === 'unknown-connection' || fields.some(({ field }) => IDS.includes(field));
  if (isUnknown) return { ...NOTHING, status: 404 };
  if (slug === 'access-token-required') {
    return { ...NOTHING, status, headers: { ...NOTHING.headers, 'www-authenticate': 'Token realm="Countermand"' } };
  }
  const errors =
    fields.length === 0 ? detail : Object.fromEntries(fields.map(({ field, message }) => [field, [message]]));
  return { status: status === 400 ? 422 : status, headers, body: { errors } };
}

const IDS = ['organization_id', 'order_id', 'orderId'];

/** Returns the order as a caller without access to personal data may see it. */
export function withoutPersonalData(order: OriginalOrder): OriginalOrder {
  return onlyAllowed(order, ORDER);
}

const TIMES = allOf('time', 'created_at', 'updated_at');
const ADDRESS: Members = {
  ...allOf('personal', 'street', 'number', 'detail', 'zipcode', 'neighborhood'),
  ...allOf('personal', 'city_code', 'city', 'state', 'country'),
};

/** The members of an order in Estoka's documentation. */
const ORDER: Members = {
  ...allOf('number', 'id', 'organization_id', 'stock_id', 'sale_channel_id'),
  ...TIMES,
  status: 'status',
  data: {
    object: {
      ...allOf('code', 'code', 'emission_status'),
      ...allOf('number', 'discount', 'shipping', 'total_value', 'stock_id', 'sale_channel_id'),
      placed_at: 'time',
      comments: 'prose',
      items: { listOf: { object: allOf('number', 'quantity', 'item_value', 'unit_price', 'product_sku_id') } },
      payments: { listOf: { object: allOf('number', 'value', 'method', 'installments') } },
      customer: { object: allOf('personal', 'name', 'email', 'phones', 'document') },
      billing_address: { object: ADDRESS },
      shipping_address: { object: ADDRESS },
    },
  },
  order_histories: {
    listOf: {
      object: {
        ...allOf('number', 'id', 'user_id', 'order_id'),
        ...TIMES,
        reported_at: 'time',
        status: 'status',
        message: 'prose',
      },
    },
  },
  order_volumes: {
    listOf: {
      object: {
        ...allOf('number', 'id', 'order_id', 'width', 'height', 'depth', 'weight'),
        ...allOf('code', 'number', 'specie'),
        order_volume_items: {
          listOf: { object: { ...allOf('number', 'id', 'order_volume_id', 'product_sku_id', 'quantity'), ...TIMES } },
        },
      },
    },
  },
  order_returns: {
    listOf: {
      object: {
        ...allOf('number', 'id', 'order_id'),
        status: 'status',
        returned_products: { listOf: { object: { ...allOf('number', 'id', 'total'), comments: 'prose' } } },
      },
    },
  },
};

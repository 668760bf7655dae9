import * as z from 'zod';
import { wholeNumber } from '../../runtime/exact-json.ts';
import type { ConnectionDeclaration } from '../../providers/connections.ts';
import type { OriginalOrder } from '../../providers/provider.ts';
import type { Problem } from '../problems.ts';
import type { HttpReply } from '../request.ts';
import { dropInHeaders, type DropInAnswer } from './drop-in.ts';

/** How Estoka speaks: what is documented of it, and where that ends, how its vendor's other products speak. */

/**
 * The reply to a cancel. `original`: the order as Estoka shows it now; null where it could not be read. What is not final is 202,
 * and says no more of the order than is known.
 */
export function estokaReply(
  answer: DropInAnswer,
  order: { id: string; organizationId: number; original: OriginalOrder | null },
): HttpReply {
  const { operation } = answer;
  const headers = dropInHeaders(answer);
  const shown = order.original ?? { id: wholeNumber(order.id), organization_id: order.organizationId };
  switch (operation.outcome) {
    case 'confirmed':
      if (order.original !== null) return { status: 200, headers, body: { order: shown } };
      return {
        status: 503,
        headers: { ...headers, 'retry-after': '5' },
        body: { errors: 'The order is cancelled, but it could not be read just now. Ask again.' },
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

/** A problem as Estoka would put it. What it does not know, or not of this account, has an empty body, and so has a 401. */
export function estokaProblem({ slug, status, detail, members, headers = {} }: Problem): HttpReply {
  const fields = fieldErrorsSchema.safeParse(members?.['errors']).data ?? [];
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
const fieldErrorsSchema = z.array(z.object({ field: z.string(), message: z.string() }));

/** The order without what is personal, however deep: null in its place, so that its shape stays. */
export function withoutPersonalData(order: OriginalOrder): OriginalOrder {
  const { data, ...rest } = struckIn(order);
  // A form that is not documented could hold anything.
  return { ...rest, ...('data' in order && { data: recordSchema.safeParse(data).data ?? null }) };
}

/** Members that hold a person, a place, or what somebody wrote. */
const PERSONAL = /^(?:customer|.*address|comments?|.*name|e-?mails?|phones?|.*document|cpf|cnpj)$/i;
const recordSchema = z.record(z.string(), z.unknown());

function struckIn(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members = Object.entries(record).map(([name, value]) => [
    name,
    PERSONAL.test(name) ? emptied(value) : struck(value),
  ]);
  return Object.fromEntries(members) as Record<string, unknown>;
}

function struck(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(struck);
  const record = recordSchema.safeParse(value).data;
  return record === undefined ? value : struckIn(record);
}

function emptied(value: unknown): unknown {
  const members = recordSchema.safeParse(value).data;
  return members === undefined ? null : Object.fromEntries(Object.keys(members).map((name) => [name, null]));
}

import * as z from 'zod';
import type { ConnectionDeclaration } from '../../providers/connections.ts';
import type { OriginalOrder } from '../../providers/provider.ts';
import type { Problem } from '../problems.ts';
import type { HttpReply } from '../request.ts';
import { dropInHeaders, type DropInAnswer } from './drop-in.ts';

/** How ngorder speaks: as documented, and where that ends, in the form in which its documentation shows failures. */

/** What a changing call says when it is done, and while it is not. */
export interface Words {
  readonly done: string;
  readonly open: string;
}

/** The reply to a changing call. `original`: the order as ngorder shows it; null where it was not read. */
export function ngorderReply(
  answer: DropInAnswer,
  order: { id: string; original: OriginalOrder | null },
  words: Words,
): HttpReply {
  const { operation } = answer;
  const headers = dropInHeaders(answer);
  const data = { order_id: Number(order.id), po_number: order.original?.['po_number'] ?? null };
  switch (operation.outcome) {
    case 'confirmed':
      return { status: 200, headers, body: { response: 'success', message: words.done, data } };
    case 'pending':
    case 'unknown':
    case 'needs_attention':
      // Not the word that means success: nothing is done yet for sure.
      return { status: 202, headers, body: { response: 'pending', message: words.open, data } };
    case 'refused':
      return operation.detail === 'order_not_found'
        ? { status: 404, headers, body: failed('Order not found') }
        : { status: 422, headers, body: failed({ id: [wordsOf(operation.words)] }) };
  }
}

/** The ledger keeps a failure by field with its field before it. */
function wordsOf(kept: string | null): string {
  return kept?.replace(/^id: /, '') || 'The order was left as it is.';
}

/** A problem in ngorder's envelope. */
export function ngorderProblem({ slug, status, detail, members, headers = {} }: Problem): HttpReply {
  if (slug === 'unknown-connection')
    return { status, headers, body: failed('The access token is for no such ngorder connection.') };
  const fields = fieldErrorsSchema.safeParse(members?.['errors']).data ?? [];
  const message =
    fields.length === 0
      ? detail
      : Object.fromEntries(fields.map(({ field, message: text }) => [field === 'orderId' ? 'id' : field, [text]]));
  return { status, headers, body: failed(message) };
}

const fieldErrorsSchema = z.array(z.object({ field: z.string(), message: z.string() }));

function failed(message: unknown) {
  return { response: 'Failed', message, data: null };
}

export function isNgorders({ provider }: ConnectionDeclaration): boolean {
  return provider === 'ngorder';
}

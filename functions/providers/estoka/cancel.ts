import type { AskLimits, CancelReply } from '../provider.ts';
import { parseReply } from '../parse-reply.ts';
import { unknown, type Answer } from '../voice.ts';
import { hasErrors, isObject, wordsOf } from '../words.ts';
import { listedOf } from './cancelled-row.ts';
import { markOf, newestCancelRow, refusalOf } from './history.ts';
import { hear, saysNo } from './voice.ts';
import { CANCELLED, isOrderAsked, noteStatus, orderReplySchema, orderRequest, type EstokaAccount } from './wire.ts';

/**
 * `POST …/orders/{id}/cancel`, without a body. The vendor calls it a *request* for cancellation: a 2xx may also mean that Estoka
 * accepted it and is still deciding. Only `order.status` proves that the order is cancelled.
 */
export async function cancel(account: EstokaAccount, orderId: string, call: AskLimits): Promise<CancelReply> {
  const askedAt = account.http.clock.now();
  const result = await account.http.send({
    method: 'POST',
    ...orderRequest(account, orderId, '/cancel'),
    timeoutMs: call.timeoutMs,
  });
  const heard = hear(result, account.http);
  if (heard.kind === 'no') return { kind: 'refused', words: heard.words };
  if (heard.kind === 'not_found') return { kind: 'order_not_found', words: heard.words };
  if (heard.kind !== 'answer') return heard;
  return judge(account, orderId, { askedAt, historyMark: call.historyMark ?? null }, heard);
}

function judge(
  account: EstokaAccount,
  orderId: string,
  ask: { askedAt: number; historyMark: string | null },
  answer: Answer,
): CancelReply {
  const { json, reply } = answer;
  const isRefusal = saysNo(json) && !orderReplySchema.safeParse(json).success;
  if (isRefusal) return { kind: 'refused', words: wordsOf(reply) };
  const parsed = parseReply(orderReplySchema, json, account.http);
  if (parsed === null) {
    const isAnOrder = isObject(json) && isObject(json['order']);
    return isAnOrder ? { kind: 'lost', problem: 'unreadable_reply' } : unknown(answer);
  }

  const { order } = parsed;
  if (!isOrderAsked(order, orderId, account.organizationId)) return { kind: 'lost', problem: 'wrong_order' };
  if (order.status === CANCELLED) {
    return { kind: 'cancelled', status: order.status, listed: listedOf(account, order) };
  }
  noteStatus(account, order);
  if (saysNo(json)) return { kind: 'refused', words: wordsOf(reply) };
  // Words beside the right order, but not in Estoka's form of a refusal: they may mean anything. Two such answers end with a
  // person.
  if (hasErrors(json)) return unknown(answer);

  // No clock tolerance here: a refusal reported before the ask belongs to someone else's ask, and this one may have been accepted
  // anyway. If the refusal is ours and Estoka's clock is behind, the settler believes it after the quiet period.
  const refusal = refusalOf(order, ask, 0);
  if (refusal !== null) return { kind: 'refused', words: refusal };
  // A refusal that may belong to another ask must not become the mark: if it belongs to this ask, it would never be seen again.
  const historyMark = newestCancelRow(order)?.status === 'rejected_cancel' ? ask.historyMark : markOf(order);
  return { kind: 'accepted', status: order.status, historyMark };
}

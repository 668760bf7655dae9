import { isSuccess, jsonOf, replyOrFailure, type HttpReply } from '../http-client.ts';
import type { CallLimits, CancelReply } from '../provider.ts';
import { wordsOf } from '../words.ts';
import { envelopeSchema, requestTo, type NgorderAccount } from './wire.ts';

/**
 * `POST /order/cancel`. Proof is the success envelope with the very order id that was asked for: no status is echoed,
 * and a failure may come as HTTP 200.
 */
export async function cancel(account: NgorderAccount, orderId: string, call: CallLimits): Promise<CancelReply> {
  const result = await account.http.send({
    method: 'POST',
    ...requestTo(account, '/order/cancel'),
    body: JSON.stringify({ id: Number(orderId) }),
    timeoutMs: call.timeoutMs,
  });
  const reply = replyOrFailure(result);
  if (reply.kind !== 'reply') return reply;

  if (reply.status === 404) return { kind: 'order_not_found', words: wordsOf(reply) };
  if (!isSuccess(reply.status)) return { kind: 'refused', words: wordsOf(reply) };
  return judge(orderId, reply);
}

function judge(orderId: string, reply: HttpReply): CancelReply {
  const parsed = envelopeSchema.safeParse(jsonOf(reply.body));
  if (!parsed.success) return { kind: 'lost', problem: 'unreadable_reply' };

  const { response, data } = parsed.data;
  if (response.meaning === 'failure') return { kind: 'refused', words: wordsOf(reply) };
  const shownId = data?.order_id;
  if (response.meaning === 'unclear' || shownId === undefined) return { kind: 'lost', problem: 'unreadable_reply' };
  if (shownId !== orderId) return { kind: 'lost', problem: 'wrong_order' };
  return { kind: 'cancelled', status: response.word };
}

import { isSuccess, jsonOf, replyOrFailure, type HttpReply } from '../http-client.ts';
import { noteUnreadable, parseReply } from '../parse-reply.ts';
import type { AskReply, CallLimits, Unproven } from '../provider.ts';
import { wordsOf } from '../words.ts';
import { envelopeSchema, requestTo, type NgorderAccount } from './wire.ts';

/** One changing call of ngorder. */
export interface Ask<Done extends string> {
  readonly method: 'POST' | 'DELETE';
  /** `{orderId}` may stand in it. */
  readonly path: string;
  /** What it is called when it is done. */
  readonly done: Done;
}

/**
 * Sends an ask, once. Proof is the success envelope with the very order id that was asked for: no status is echoed, and a
 * failure may come as HTTP 200. A 2xx that says success without the id, or nothing at all, is `unproven`.
 */
export async function ask<Done extends string>(
  account: NgorderAccount,
  { method, path, done }: Ask<Done>,
  orderId: string,
  call: CallLimits,
): Promise<AskReply<Done> | Unproven> {
  const result = await account.http.send({
    method,
    ...requestTo(account, path, { orderId }),
    body: `{"id":${orderId}}`,
    timeoutMs: call.timeoutMs,
  });
  const reply = replyOrFailure(result);
  if (reply.kind !== 'reply') return reply;

  if (reply.status === 404) return { kind: 'order_not_found', words: wordsOf(reply) };
  if (!isSuccess(reply.status)) return { kind: 'refused', words: wordsOf(reply) };
  return judge(account, orderId, done, reply);
}

function judge<Done extends string>(
  { http }: NgorderAccount,
  orderId: string,
  done: Done,
  reply: HttpReply,
): AskReply<Done> | Unproven {
  if (reply.body.trim() === '') return { kind: 'unproven' };
  const parsed = parseReply(envelopeSchema, jsonOf(reply.body), http);
  if (parsed === null) return { kind: 'lost', problem: 'unreadable_reply' };

  const { response, data } = parsed;
  if (response.meaning === 'failure') return { kind: 'refused', words: wordsOf(reply) };
  if (response.meaning === 'unclear') {
    noteUnreadable(http, ['response: a word that is not known']);
    return { kind: 'lost', problem: 'unreadable_reply' };
  }
  const shownId = data?.order_id;
  if (shownId === undefined) {
    noteUnreadable(http, ['data.order_id: missing, or no id']);
    return { kind: 'unproven' };
  }
  if (shownId !== orderId) return { kind: 'lost', problem: 'wrong_order' };
  return { kind: done, status: response.word };
}

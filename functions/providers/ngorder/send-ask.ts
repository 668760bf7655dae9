import { noteUnreadable, parseReply } from '../parse-reply.ts';
import type { AskReply, CallLimits, Unproven } from '../provider.ts';
import { unknown, type Answer } from '../voice.ts';
import { saysItFailed, wordsOf } from '../words.ts';
import { hear, saysNo } from './voice.ts';
import { envelopeSchema, requestTo, type NgorderAccount } from './wire.ts';

/** One changing call of ngorder. */
export interface Ask<Done extends string> {
  readonly method: 'POST' | 'DELETE';
  /** May contain `{orderId}`. */
  readonly path: string;
  /** The kind of the reply once the ask is done. */
  readonly done: Done;
}

/**
 * Sends an ask once. Proof is the success envelope with the requested order id: ngorder echoes no status, and a failure may come as
 * HTTP 200. A 2xx that reports success without the id, or an empty one to a restore or delete, is `unproven`.
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
  const heard = hear(result, account.http);
  if (heard.kind === 'no') return { kind: 'refused', words: heard.words };
  if (heard.kind === 'not_found') return { kind: 'order_not_found', words: heard.words };
  if (heard.kind !== 'answer') return heard;
  return judge(account, orderId, done, heard);
}

function judge<Done extends string>(
  { http }: NgorderAccount,
  orderId: string,
  done: Done,
  answer: Answer,
): AskReply<Done> | Unproven {
  const { json, reply } = answer;
  // Only a cancel's reply is documented.
  if (json === undefined) return done === 'cancelled' ? unknown(answer) : { kind: 'unproven' };
  if (saysNo(json)) return { kind: 'refused', words: wordsOf(reply) };
  const parsed = parseReply(envelopeSchema, json, http);
  if (parsed === null) return unknown(answer);

  const { response, data } = parsed;
  if (response.meaning !== 'success') {
    noteUnreadable(http, ['response: a word that is not known']);
    return unknown(answer);
  }
  if (saysItFailed(json)) {
    noteUnreadable(http, ['response: success, together with a failure']);
    return unknown(answer);
  }
  const shownId = data?.order_id;
  if (shownId === undefined) {
    noteUnreadable(http, ['data.order_id: missing, or no id']);
    return { kind: 'unproven' };
  }
  if (shownId !== orderId) return { kind: 'lost', problem: 'wrong_order' };
  return { kind: done, status: response.word };
}

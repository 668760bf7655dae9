import * as z from 'zod';
import { isSuccess, jsonOf, replyOrFailure } from '../http-client.ts';
import { parseReply } from '../parse-reply.ts';
import type { CallLimits, OriginalReply } from '../provider.ts';
import { isOrderAsked, orderReplySchema, orderRequest, type EstokaAccount } from './wire.ts';

const originalSchema = z.object({ order: z.record(z.string(), z.unknown()) });

/** `GET …/orders/{id}`, word for word. */
export async function original(account: EstokaAccount, orderId: string, call: CallLimits): Promise<OriginalReply> {
  const result = await account.http.read({
    method: 'GET',
    ...orderRequest(account, orderId, ''),
    timeoutMs: call.timeoutMs,
  });
  const reply = replyOrFailure(result);
  if (reply.kind !== 'reply') return reply;
  if (reply.status === 404) return { kind: 'absent' };
  if (!isSuccess(reply.status)) return { kind: 'lost', problem: 'provider_error' };

  const json = jsonOf(reply.body);
  const parsed = parseReply(orderReplySchema, json, account.http);
  const whole = parsed === null ? null : parseReply(originalSchema, json, account.http);
  if (parsed === null || whole === null) return { kind: 'lost', problem: 'unreadable_reply' };
  if (!isOrderAsked(parsed.order, orderId, account.organizationId)) return { kind: 'lost', problem: 'wrong_order' };
  return { kind: 'original', order: whole.order };
}

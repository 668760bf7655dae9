import * as z from 'zod';
import { parseReply } from '../parse-reply.ts';
import type { CallLimits, OriginalReply } from '../provider.ts';
import { unreadable } from '../voice.ts';
import { hear } from './voice.ts';
import { isOrderAsked, orderReadSchema, orderRequest, type EstokaAccount } from './wire.ts';

const originalSchema = z.object({ order: z.record(z.string(), z.unknown()) });

/** `GET …/orders/{id}`, with the order exactly as Estoka wrote it. */
export async function original(account: EstokaAccount, orderId: string, call: CallLimits): Promise<OriginalReply> {
  const result = await account.http.read({
    method: 'GET',
    ...orderRequest(account, orderId, ''),
    timeoutMs: call.timeoutMs,
  });
  const heard = hear(result, account.http);
  if (heard.kind === 'not_found') return { kind: 'absent' };
  if (heard.kind === 'no') return { kind: 'lost', problem: 'provider_error' };
  if (heard.kind !== 'answer') return heard;

  const parsed = parseReply(orderReadSchema, heard.json, account.http);
  const whole = parsed === null ? null : parseReply(originalSchema, heard.json, account.http);
  if (parsed === null || whole === null) return unreadable(heard);
  if (!isOrderAsked(parsed.order, orderId, account.organizationId)) return { kind: 'lost', problem: 'wrong_order' };
  return { kind: 'original', order: whole.order };
}

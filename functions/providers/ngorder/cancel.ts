import type { CallLimits, CancelReply } from '../provider.ts';
import { ask } from './send-ask.ts';
import type { NgorderAccount } from './wire.ts';

/** `POST /order/cancel`, whose reply is documented: one without the order's id is none that can be read. */
export async function cancel(account: NgorderAccount, orderId: string, call: CallLimits): Promise<CancelReply> {
  const reply = await ask(account, { method: 'POST', path: '/order/cancel', done: 'cancelled' }, orderId, call);
  return reply.kind === 'unproven' ? { kind: 'lost', problem: 'unreadable_reply' } : reply;
}

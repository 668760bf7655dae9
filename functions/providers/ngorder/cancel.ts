import type { CallLimits, CancelReply } from '../provider.ts';
import { ask } from './send-ask.ts';
import type { NgorderAccount } from './wire.ts';

/** `POST /order/cancel`. Its reply is documented, so one without the order's id is unreadable. */
export async function cancel(account: NgorderAccount, orderId: string, call: CallLimits): Promise<CancelReply> {
  const reply = await ask(account, { method: 'POST', path: '/order/cancel', done: 'cancelled' }, orderId, call);
  return reply.kind === 'unproven' ? { kind: 'lost', problem: 'unreadable_reply' } : reply;
}

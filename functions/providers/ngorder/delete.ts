import type { CallLimits, DeleteReply } from '../provider.ts';
import { ask } from './send-ask.ts';
import type { NgorderAccount } from './wire.ts';

/**
 * `DELETE /order-cancel/{order_id}`. The documentation has the id in the path and in the body as well, so it is in both. What
 * it replies is not documented.
 */
export function deleteOrder(account: NgorderAccount, orderId: string, call: CallLimits): Promise<DeleteReply> {
  return ask(account, { method: 'DELETE', path: '/order-cancel/{orderId}', done: 'deleted' }, orderId, call);
}

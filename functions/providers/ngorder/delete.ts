import type { CallLimits, DeleteReply } from '../provider.ts';
import { ask } from './send-ask.ts';
import type { NgorderAccount } from './wire.ts';

/**
 * `DELETE /order-cancel/{order_id}`. The documentation puts the id in the path and in the body, so both have it. The reply is not
 * documented.
 */
export function deleteOrder(account: NgorderAccount, orderId: string, call: CallLimits): Promise<DeleteReply> {
  return ask(account, { method: 'DELETE', path: '/order-cancel/{orderId}', done: 'deleted' }, orderId, call);
}

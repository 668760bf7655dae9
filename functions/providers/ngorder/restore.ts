import type { CallLimits, RestoreReply } from '../provider.ts';
import { ask } from './send-ask.ts';
import type { NgorderAccount } from './wire.ts';

/** `POST /order-cancel/return`: ngorder's word for restoring is returning. The reply is not documented. */
export function restore(account: NgorderAccount, orderId: string, call: CallLimits): Promise<RestoreReply> {
  return ask(account, { method: 'POST', path: '/order-cancel/return', done: 'restored' }, orderId, call);
}

import type { OperationView } from '../operations/rules/operation-view.ts';
import type { AcknowledgementBody, IgnoredBody } from './reply-bodies.ts';
import type { ApiReply } from './request.ts';

/**
 * Acknowledges a webhook whose operation is in the ledger: with 200 if it is final, also for a refusal, else with 202. A sender repeats
 * a delivery that is answered with anything but a 2xx, and repeating does not change a refusal. The reply shows the operation's state,
 * but no notes of other callers.
 */
export function acknowledged({ id, outcome, detail, final }: OperationView): ApiReply<AcknowledgementBody> {
  const headers = { location: `/v1/operations/${id}` };
  return { status: final ? 200 : 202, headers, body: { operation: id, outcome, detail, final } };
}

/** Acknowledges a webhook that leads to no operation, and says why. */
export function ignored(why: IgnoredBody['ignored']): ApiReply<IgnoredBody> {
  return { status: 200, body: { ignored: why } };
}

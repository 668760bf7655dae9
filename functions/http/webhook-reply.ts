import type { OperationView } from '../operations/rules/operation-view.ts';
import type { AcknowledgementBody, IgnoredBody } from './reply-bodies.ts';
import type { ApiReply } from './request.ts';

/**
 * Acknowledges a webhook whose operation stands in the ledger: 200 where it is final, a refusal too, else 202. A sender takes
 * whatever is no 2xx for a delivery to repeat, and a refusal does not change by that. It is told how it stands, and not what
 * other callers noted.
 */
export function acknowledged({ id, outcome, detail, final }: OperationView): ApiReply<AcknowledgementBody> {
  const headers = { location: `/v1/operations/${id}` };
  return { status: final ? 200 : 202, headers, body: { operation: id, outcome, detail, final } };
}

/** Acknowledges a webhook of which nothing follows, and says why. */
export function ignored(why: IgnoredBody['ignored']): ApiReply<IgnoredBody> {
  return { status: 200, body: { ignored: why } };
}

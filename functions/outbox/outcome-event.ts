import * as z from 'zod';
import { operationViewSchema } from '../operations/rules/operation-view.ts';
import { operationId, type Operation, type OperationState } from '../operations/rules/operation.ts';
import { viewOf } from '../operations/rules/view-of.ts';
import type { BusEvent } from './event-bus.ts';
import { isChange, type Step } from './stream-record.ts';

/** What is told of an operation, by the state that it went to. `calling` and `pending` are steps on the way: nobody is told of them. */
const DETAIL_TYPES: Readonly<Record<OperationState, string | null>> = {
  calling: null,
  pending: null,
  confirmed: 'OrderOperationConfirmed',
  refused: 'OrderOperationRefused',
  unknown: 'OrderOperationUnknown',
  needs_attention: 'OrderOperationNeedsAttention',
};

/** An operation without the texts that people and providers wrote, and without its timeline, which events tell. */
export const operationDetail = operationViewSchema.omit({ note: true, words: true, timeline: true });

/** The `detail` of an outcome event: the schema that subscribers may rely on. Fields are added, never changed or taken away. */
export const outcomeDetailSchema = z.object({
  schemaVersion: z.literal(1),
  /** The same however often the event is delivered: what to deduplicate by. */
  id: z.string(),
  /** Grows within an order: an event with a lower number than one that was seen already tells of the past. */
  sequence: z.int(),
  operation: operationDetail,
});
export type OutcomeDetail = z.infer<typeof outcomeDetailSchema>;

export interface OutcomeEvent extends BusEvent {
  /** `connection:orderId`: events of one order are published one after the other. */
  readonly order: string;
  readonly detail: OutcomeDetail;
}

/** An order has fewer writes of one operation than this. */
const VERSIONS_PER_OPERATION = 1_000_000;

/** The event of a step; null where it changed nothing that anybody is told of. */
export function outcomeEventOf(step: Step): OutcomeEvent | null {
  const { after } = step;
  const detailType = DETAIL_TYPES[after.state];
  if (detailType === null || !isChange(step)) return null;
  return {
    detailType,
    order: `${after.connection}:${after.orderId}`,
    at: after.timeline.at(-1)?.at ?? after.requestedAt,
    detail: detailOf(after),
  };
}

/** Parsed on its way out: what is published is what the schema says, whatever else an operation is shown with. */
function detailOf(operation: Operation): OutcomeDetail {
  return outcomeDetailSchema.parse({
    schemaVersion: 1,
    id: `${operationId(operation)}:${operation.version}`,
    sequence: operation.number * VERSIONS_PER_OPERATION + operation.version,
    operation: viewOf(operation),
  });
}

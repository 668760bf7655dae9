import * as z from 'zod';
import { operationViewSchema } from '../operations/rules/operation-view.ts';
import { operationId, type Operation, type OperationState } from '../operations/rules/operation.ts';
import { viewOf } from '../operations/rules/view-of.ts';
import type { BusEvent } from './event-bus.ts';
import type { EventName } from './event-names.ts';
import { isChange, type Step } from './stream-record.ts';

/** The event to publish, by the state that an operation moved to. `calling` and `pending` are intermediate steps without an event. */
const DETAIL_TYPES: Readonly<Record<OperationState, EventName | null>> = {
  calling: null,
  pending: null,
  confirmed: 'OrderOperationConfirmed',
  refused: 'OrderOperationRefused',
  unknown: 'OrderOperationUnknown',
  needs_attention: 'OrderOperationNeedsAttention',
};

/** An operation without the texts that people and providers wrote, and without its timeline: the events themselves are one. */
export const operationDetail = operationViewSchema.omit({ note: true, words: true, timeline: true });

/** The `detail` of an outcome event: the schema that subscribers may rely on. Fields may be added, but never changed or removed. */
export const outcomeDetailSchema = z.object({
  schemaVersion: z.literal(1),
  /** The same however often the event is delivered: deduplicate by it. */
  id: z.string(),
  /** Grows within an order: an event with a lower number than one already seen is out of date. */
  sequence: z.int(),
  operation: operationDetail,
});
export type OutcomeDetail = z.infer<typeof outcomeDetailSchema>;

export interface OutcomeEvent extends BusEvent {
  /** `connection:orderId`: events of one order are published one after the other. */
  readonly order: string;
  readonly detail: OutcomeDetail;
}

/** An operation is written fewer times than this. */
const VERSIONS_PER_OPERATION = 1_000_000;

/** Returns the event of a step; null if the step is not published. */
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

/** Parses on the way out, so that exactly the schema's fields are published, whatever else an operation's view has. */
function detailOf(operation: Operation): OutcomeDetail {
  return outcomeDetailSchema.parse({
    schemaVersion: 1,
    id: `${operationId(operation)}:${operation.version}`,
    sequence: operation.number * VERSIONS_PER_OPERATION + operation.version,
    operation: viewOf(operation),
  });
}

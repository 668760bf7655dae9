import * as z from 'zod';
import { CURRENT, operationOf, type Item } from '../operations/ledger/items.ts';
import type { Operation } from '../operations/rules/operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
const image = z.custom<Item>((value) => typeof value === 'object' && value !== null);
const recordSchema = z.object({
  eventID: z.string(),
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  dynamodb: z.object({
    Keys: z.record(z.string(), z.object({ S: z.optional(z.string()) })),
    NewImage: z.optional(image),
    OldImage: z.optional(image),
    SequenceNumber: z.string(),
  }),
});
export type StreamRecord = z.infer<typeof recordSchema>;

export const streamEventSchema = z.object({ Records: z.array(recordSchema) });

/** One step of an order's current operation. */
export interface Step {
  readonly before: Operation | null;
  readonly after: Operation;
}

/**
 * Returns the step that a record of the ledger's stream shows; null if it shows none, because an earlier operation was archived or an
 * item was removed. Throws if the item is not one of the ledger's.
 */
export function stepOf({ dynamodb: { Keys, NewImage, OldImage } }: StreamRecord): Step | null {
  if (Keys['slot']?.S !== CURRENT || NewImage === undefined) return null;
  return { before: OldImage === undefined ? null : operationOf(OldImage), after: operationOf(NewImage) };
}

/** Whether the step took the operation to another state, and was not only another look in the same state. */
export function isChange({ before, after }: Step): boolean {
  return before === null || before.number !== after.number || before.state !== after.state;
}

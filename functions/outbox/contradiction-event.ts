import * as z from 'zod';
import type { Contradiction } from '../operations/contradictions.ts';
import { operationId } from '../operations/rules/operation.ts';
import { viewOf } from '../operations/rules/view-of.ts';
import type { BusEvent } from './event-bus.ts';
import { operationDetail } from './outcome-event.ts';

/** The `detail` of the event `OrderContradictionFound`. */
export const contradictionDetailSchema = z.object({
  schemaVersion: z.literal(1),
  /** The same each time the same contradiction is found: deduplicate by it. */
  id: z.string(),
  found: z.enum(['active', 'shipped', 'gone']),
  status: z.nullable(z.string()),
  operation: operationDetail,
});

export function contradictionEventOf({ operation, found, status }: Contradiction, at: string): BusEvent {
  const id = `${operationId(operation)}:${found}`;
  const detail = { schemaVersion: 1, id, found, status, operation: viewOf(operation) };
  return { detailType: 'OrderContradictionFound', at, detail: contradictionDetailSchema.parse(detail) };
}

import * as z from 'zod';
import { CANCEL_REASONS, evidence, OPERATION_KINDS, OUTCOMES, timelineEntry, TRIGGERS } from './operation.ts';
import { snapshotSchema } from './snapshot.ts';

/** An operation as callers see it (design, section 4). */
export const operationViewSchema = z
  .object({
    id: z.string().meta({ description: '`{connection}:{orderId}:{n}`; n counts the operations of one order from 1.' }),
    connection: z.string(),
    provider: z.string(),
    orderId: z.string().meta({ description: "The provider's own id of the order." }),
    kind: z.enum(OPERATION_KINDS),
    outcome: z.enum(OUTCOMES).meta({
      description:
        '`confirmed` and `refused` are final, on the provider’s evidence. `pending`: accepted and being decided, or certainly not ' +
        'asked yet. `unknown`: it may have taken effect. `needs_attention`: parked for a person; a late proof still settles it.',
    }),
    detail: z.string().meta({ description: 'Why the outcome is what it is, as a stable code.' }),
    final: z.boolean(),
    reason: z.nullable(z.enum(CANCEL_REASONS)),
    note: z.nullable(z.string()),
    actor: z.nullable(z.string()),
    trigger: z.enum(TRIGGERS),
    requestedAt: z.iso.datetime(),
    settledAt: z.nullable(z.iso.datetime()),
    attempts: z.int().nonnegative().meta({ description: 'How many times the provider was asked.' }),
    words: z.nullable(z.string()).meta({ description: "The provider's words if it refused, without personal data." }),
    evidence: z.nullable(evidence).meta({ description: 'What proved the outcome.' }),
    timeline: z.array(timelineEntry),
    tombstone: z
      .optional(z.nullable(snapshotSchema))
      .meta({ description: 'Only for a delete: the order as it was before, without personal data.' }),
  })
  .meta({ id: 'Operation', description: 'One ask to change one order, and what is known about it.' });

export type OperationView = z.infer<typeof operationViewSchema>;

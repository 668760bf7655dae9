import * as z from 'zod';
import type { Delivery } from './carry-out.ts';
import { JsonTooDeep } from '../runtime/errors.ts';
import { parseBoundedJson } from '../runtime/bounded-json.ts';
import { plainWords } from '../runtime/schema-problems.ts';
import { cancelFields } from '../operations/ask-fields.ts';
import { cancelCommandSchema, type CancelCommand } from './cancel-command.ts';
import { InvalidCommand } from './errors.ts';

/** The command that a message of the queue carries. */
export interface QueuedCommand {
  readonly command: CancelCommand;
  readonly delivery: Delivery;
  /** The batch that the command is part of. `dryRun`: only plan. */
  readonly batch: { readonly id: string; readonly dryRun: boolean } | null;
}

export const CANCELLATION_REQUESTED = 'OrderCancellationRequested';

/**
 * The command queue takes three forms: a bare command; an EventBridge event whose detail is one; and, from the batch route, one
 * order of a batch.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
const eventSchema = z.object({
  id: z.string().min(1),
  'detail-type': z.literal(CANCELLATION_REQUESTED),
  source: z.string(),
  detail: cancelCommandSchema,
});
const batchEntrySchema = z.strictObject({
  batch: z.strictObject({ id: z.string(), dryRun: z.boolean() }),
  connection: z.string(),
  orderId: z.string(),
  ...cancelFields,
});
export type BatchEntry = z.infer<typeof batchEntrySchema>;

/**
 * Reads a message. `messageId` identifies a bare command. Events and batch orders have an identity of their own, because an event can
 * reach the queue in two messages and a batch is queued again when its caller asks again. Throws {@link InvalidCommand}.
 */
export function queuedCommandOf(body: string, messageId: string): QueuedCommand {
  const json = jsonOf(body);
  if (isObject(json) && 'detail-type' in json) {
    const { id, detail } = parsed(eventSchema, json);
    return { command: detail, delivery: { trigger: 'event', identity: id }, batch: null };
  }
  if (isObject(json) && 'batch' in json) {
    const { batch, ...command } = parsed(batchEntrySchema, json);
    const identity = `${batch.id}:${command.orderId}`;
    return { command, delivery: { trigger: 'batch', identity }, batch };
  }
  const command = parsed(cancelCommandSchema, json);
  return { command, delivery: { trigger: 'queue', identity: messageId }, batch: null };
}

/** Parses the value. Throws {@link InvalidCommand}. */
export function parsed<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const result = schema.safeParse(value, { error: plainWords });
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return 'there is a field that is not known here';
    return `${issue.path.length === 0 ? 'the command' : issue.path.map(String).join('.')}: ${issue.message}`;
  });
  throw new InvalidCommand(problems.slice(0, 10).join('; '));
}

function jsonOf(body: string): unknown {
  try {
    return parseBoundedJson(body);
  } catch (error) {
    if (error instanceof JsonTooDeep) throw new InvalidCommand('The command is nested too deep.');
    throw new InvalidCommand('The command is not JSON.');
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

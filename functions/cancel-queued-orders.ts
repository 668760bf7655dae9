import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { createBatches } from './assembly/batch-parts.ts';
import { commandParts } from './assembly/command-parts.ts';
import type { Batches } from './batches/batches.ts';
import { planOf } from './batches/plan.ts';
import { carryOut, type CarryOutNeeds } from './commands/carry-out.ts';
import { COMMAND_ID, type DeadLetters } from './commands/dead-letters.ts';
import { deadReasonOf, type Reason } from './commands/dead-reason.ts';
import type { CommandSource } from './commands/command-source.ts';
import { queuedCommandOf, type QueuedCommand } from './commands/queue-message.ts';
import { inLanes } from './commands/lanes.ts';
import { operationId } from './operations/rules/operation.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface CancelQueuedOrdersNeeds extends CarryOutNeeds {
  readonly batches: Pick<Batches, 'note'>;
  readonly deadLetters: DeadLetters;
  readonly source: CommandSource;
  readonly log: InvocationLogger;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const eventSchema = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      receiptHandle: z.string(),
      body: z.string(),
      attributes: z.object({ ApproximateReceiveCount: z.string().transform(Number) }),
      messageAttributes: z.record(z.string(), z.object({ stringValue: z.optional(z.string()) })).default({}),
    }),
  ),
});
type Message = z.infer<typeof eventSchema>['Records'][number];

/** The pause after the first failed delivery. Each further pause is three times as long. All pauses together are longer than any lease. */
const FIRST_RETRY_SECONDS = 2;
/** With {@link CommandSource.mostReceives} deliveries, the last pause is longer than two minutes. */
const LONGEST_RETRY_SECONDS = 300;

/**
 * Carries out a batch of queued commands. A command that can never work goes to the dead letters with its reason. A command that may work
 * later stays in the queue. Neither keeps the others waiting.
 */
export async function cancelQueuedOrders(
  messages: readonly Message[],
  needs: CancelQueuedOrdersNeeds,
  remainingMs: () => number,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const failed: Message[] = [];
  await inLanes(messages, connectionOf, async (message) => {
    if ((await consumeMessage(message, needs, remainingMs)) === 'again') failed.push(message);
  });
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function consumeMessage(
  message: Message,
  needs: CancelQueuedOrdersNeeds,
  remainingMs: () => number,
): Promise<'done' | 'again'> {
  const commandId = message.messageAttributes[COMMAND_ID]?.stringValue ?? message.messageId;
  let queued: QueuedCommand | null = null;
  try {
    queued = queuedCommandOf(message.body, commandId);
    await work(queued, needs, remainingMs);
    return 'done';
  } catch (error) {
    const receives = message.attributes.ApproximateReceiveCount;
    const reason = deadReasonOf(error) ?? (receives < needs.source.mostReceives ? null : gaveUp(error, receives));
    try {
      if (reason === null) {
        needs.log.warn('COMMAND_PUT_OFF', { command: commandId, receives, error });
        const seconds = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 3 ** (receives - 1));
        await needs.source.hideFor(message.receiptHandle, seconds);
        return 'again';
      }
      await needs.deadLetters.bury({ body: message.body, queued, commandId }, reason);
      needs.log.error('COMMAND_BURIED', { command: commandId, reason: reason.code, explanation: reason.text });
      if (queued?.batch) await noteProblem(queued, reason, needs);
      return 'done';
    } catch (failure) {
      // SQS delivers the message again after its visibility time-out.
      needs.log.error('COMMAND_FAILED', { command: commandId, error: failure });
      return 'again';
    }
  }
}

async function work(queued: QueuedCommand, needs: CancelQueuedOrdersNeeds, remainingMs: () => number): Promise<void> {
  const { command, delivery, batch } = queued;
  if (batch?.dryRun === true) {
    await needs.batches.note(batch.id, await planOf(command, needs, remainingMs));
    return;
  }
  const { operation } = await carryOut(command, delivery, needs, remainingMs);
  if (batch === null) return;
  const row = { kind: 'operation' as const, orderId: command.orderId, operationId: operationId(operation) };
  await needs.batches.note(batch.id, row);
}

async function noteProblem({ batch, command }: QueuedCommand, reason: Reason, needs: CancelQueuedOrdersNeeds) {
  if (batch === null) return;
  const problem = { code: reason.code, text: reason.textForCallers ?? reason.text };
  await needs.batches.note(batch.id, { kind: 'problem', orderId: command.orderId, problem });
}

function gaveUp(error: unknown, receives: number): Reason {
  const name = error instanceof Error ? error.name : 'Error';
  return { code: 'gave-up', text: `Not carried out in ${receives} deliveries; the last one ended with ${name}.` };
}

/** Returns the connection whose lanes a message is worked on in. Unreadable messages have lanes of their own, those of ''. */
function connectionOf({ body, messageId }: Message): string {
  try {
    return queuedCommandOf(body, messageId).command.connection;
  } catch {
    return '';
  }
}

export function newHandler(needs: CancelQueuedOrdersNeeds) {
  return eventChain({
    event: eventSchema,
    log: needs.log,
    handle: ({ Records }, { remainingMs }) => cancelQueuedOrders(Records, needs, remainingMs),
  });
}

export const handler = onColdStart(() => {
  const { connections, operations, dynamodb, log } = partsFor('cancel-queued-orders');
  const { deadLetters, commandSource } = commandParts();
  return newHandler({
    connections: connections(),
    operations: operations(),
    batches: createBatches(dynamodb()),
    deadLetters: deadLetters(),
    source: commandSource(),
    log: log(),
  });
});

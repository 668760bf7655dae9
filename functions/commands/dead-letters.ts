import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../runtime/clock.ts';
import type { Reason } from './hopeless.ts';
import type { QueuedCommand } from './queue-message.ts';

/** Where commands lie that could not be carried out, until a person looks. */
export interface DeadLetters {
  /** Puts a message there with its reason. Nothing personal goes along (design, promise 4). */
  bury(message: DeadMessage, reason: Reason): Promise<void>;
}

export interface DeadMessage {
  readonly body: string;
  /** What the body says, where it could be read. */
  readonly queued: QueuedCommand | null;
  /** Its identity at its first delivery: a redrive makes a new message of it, and it is the same command all the same. */
  readonly commandId: string;
}

/** The message attribute that carries {@link DeadMessage.commandId} through a redrive. */
export const COMMAND_ID = 'commandId';
const LONGEST_BODY = 50_000;

export function createDeadLetters(needs: {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  clock: Clock;
  redact: (text: string) => string;
}): DeadLetters {
  const text = (value: string) => ({ DataType: 'String', StringValue: value });
  return {
    async bury({ body, queued, commandId }, reason) {
      await needs.sqs.send(
        new SendMessageCommand({
          QueueUrl: needs.queueUrl,
          MessageBody: keptBody(body, queued, needs.redact),
          MessageAttributes: {
            reason: text(reason.code),
            explanation: text(needs.redact(reason.text).slice(0, 1_000)),
            failedAt: text(new Date(needs.clock.now()).toISOString()),
            [COMMAND_ID]: text(commandId),
          },
        }),
      );
    },
  };
}

/** A command that could be read stays one that can be redriven; of anything else, what it looked like. */
function keptBody(body: string, queued: QueuedCommand | null, redact: (text: string) => string): string {
  if (queued === null) return redact(body).slice(0, LONGEST_BODY) || '(empty)';
  const { command, batch, delivery } = queued;
  const kept = {
    ...command,
    ...(command.note !== undefined && { note: redact(command.note) }),
    ...(command.actor !== undefined && { actor: redact(command.actor) }),
  };
  if (batch !== null) return JSON.stringify({ batch, ...kept });
  if (delivery.trigger !== 'event') return JSON.stringify(kept);
  return JSON.stringify({
    id: delivery.identity,
    'detail-type': 'OrderCancellationRequested',
    source: 'redrive',
    detail: kept,
  });
}

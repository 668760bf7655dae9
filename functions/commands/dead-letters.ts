import { createHash } from 'node:crypto';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { keptActor, keptNote } from '../operations/ask-fields.ts';
import type { Clock } from '../runtime/clock.ts';
import { cut } from '../runtime/cut.ts';
import { JsonTooDeep } from '../runtime/errors.ts';
import { parseBoundedJson } from '../runtime/bounded-json.ts';
import { sqsText } from '../runtime/sqs-text.ts';
import type { Reason } from './dead-reason.ts';
import type { QueuedCommand } from './queue-message.ts';

/** The queue that keeps commands that could not be carried out, until a person looks. */
export interface DeadLetters {
  /** Puts a message there with its reason, without personal data (design, promise 4). */
  bury(message: DeadMessage, reason: Reason): Promise<void>;
}

export interface DeadMessage {
  readonly body: string;
  /** The command in the body; null if it could not be read. */
  readonly queued: QueuedCommand | null;
  /** The command's identity at its first delivery. A redrive sends a new message, but the command stays the same. */
  readonly commandId: string;
}

/** The message attribute that carries {@link DeadMessage.commandId} through a redrive. */
export const COMMAND_ID = 'commandId';
const LONGEST_BODY = 50_000;
const LONGEST_EXPLANATION = 1_000;

export function createDeadLetters(needs: {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  clock: Clock;
  redact: (text: string) => string;
}): DeadLetters {
  const text = (value: string) => ({ DataType: 'String', StringValue: sqsText(value) });
  return {
    async bury({ body, queued, commandId }, reason) {
      await needs.sqs.send(
        new SendMessageCommand({
          QueueUrl: needs.queueUrl,
          MessageBody: sqsText(keptBody(body, queued, needs.redact)),
          MessageAttributes: {
            reason: text(reason.code),
            explanation: text(cut(needs.redact(reason.text), LONGEST_EXPLANATION)),
            failedAt: text(new Date(needs.clock.now()).toISOString()),
            [COMMAND_ID]: text(commandId),
          },
        }),
      );
    },
  };
}

/** Keeps a readable command so that it can be redriven, and of any other body its redacted beginning. */
function keptBody(body: string, queued: QueuedCommand | null, redact: (text: string) => string): string {
  if (queued === null) return cut(redactedBody(knownPartOf(body), redact), LONGEST_BODY) || '(empty)';
  const { command, batch, delivery } = queued;
  const { idempotencyKey } = command;
  const kept = {
    ...command,
    connection: redact(command.connection),
    // A text that is no order id could be anything, and nobody checks the order id of an unknown connection. Digits are kept: an order id
    // may look like a telephone number.
    orderId: /^\d{1,18}$/.test(command.orderId) ? command.orderId : redact(command.orderId),
    ...(command.note !== undefined && { note: keptNote(command.note, redact) }),
    ...(command.actor !== undefined && { actor: keptActor(command.actor, redact) }),
    ...(idempotencyKey !== undefined && {
      idempotencyKey: redact(idempotencyKey) === idempotencyKey ? idempotencyKey : digestOf(idempotencyKey),
    }),
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

const KNOWN = new Set(['connection', 'orderId', 'reason', 'note', 'actor', 'idempotencyKey', 'batch', 'dryRun']);
const OF_EVENTS = new Set([
  'version',
  'id',
  'detail-type',
  'source',
  'account',
  'time',
  'region',
  'resources',
  'detail',
]);

/** The body without the values of members that no command has: redaction would not recognise a name or an address among them. */
function knownPartOf(body: string): string {
  const leftOut: string[] = [];
  const known = (name: string, value: unknown, written?: { source?: string }): unknown => {
    // Written again, a number beyond 2^53 would be another number.
    if (name === 'orderId' && typeof value === 'number' && !Number.isSafeInteger(value))
      return written?.source ?? '[left out]';
    if (name === '' || /^\d+$/.test(name) || KNOWN.has(name) || OF_EVENTS.has(name)) return value;
    leftOut.push(name);
    return '[left out]';
  };
  try {
    const value = parseBoundedJson(body, known);
    // The sender wrote the command as JSON twice.
    if (typeof value === 'string') return JSON.stringify(knownPartOf(value));
    return leftOut.length === 0 ? body : JSON.stringify(value);
  } catch (error) {
    return error instanceof JsonTooDeep ? '[left out]' : body;
  }
}

/** Digits that may be an order's id, in JSON or in JSON within JSON. They are kept: without them nobody finds the order. */
const ORDER_ID = /(\\{0,8}"orderId\\{0,8}"\s{0,9}:\s{0,9}(?:\\{0,8}"\d{1,18}\\{0,8}"|\d{1,18}))(?=\s{0,9}[,}])/;
const NUMBER_STRUCK = /(?<=[:[,]\s{0,9})-?\[redacted\](?=\s{0,9}[,}\]])/g;

/** Redacts a body, and keeps JSON valid. */
function redactedBody(body: string, redact: (text: string) => string): string {
  const left = body
    .split(ORDER_ID)
    .map((piece, index) => (index % 2 === 1 ? piece : redact(piece)))
    .join('');
  if (left === body || !isJson(body) || isJson(left)) return left;
  const quoted = left.replace(NUMBER_STRUCK, '"[redacted]"');
  return isJson(quoted) ? quoted : JSON.stringify(left);
}

function isJson(text: string): boolean {
  try {
    parseBoundedJson(text);
    return true;
  } catch {
    return false;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

import * as z from 'zod';
import { createCommandQueue } from '../commands/command-queue.ts';
import { createCommandSource } from '../commands/command-source.ts';
import { createDeadLetters } from '../commands/dead-letters.ts';
import { systemClock } from '../runtime/clock.ts';
import { ENVIRONMENT, fromEnvironment } from '../runtime/environment.ts';
import { redact } from '../runtime/redact.ts';
import { createSqs } from '../runtime/sqs.ts';
import { once } from './cold-start.ts';

/** The parts of functions that work with the command queue. They are not in `parts.ts`, so that no other bundle contains the SQS client. */
export function commandParts() {
  const sqs = once(createSqs);
  const queueUrl = () => fromEnvironment(ENVIRONMENT.commandQueueUrl);
  return {
    commandQueue: () => createCommandQueue({ sqs: sqs(), queueUrl: queueUrl() }),
    commandSource: () =>
      createCommandSource({
        sqs: sqs(),
        queueUrl: queueUrl(),
        mostReceives: z.coerce.number().min(1).parse(fromEnvironment(ENVIRONMENT.mostReceives)),
      }),
    deadLetters: () =>
      createDeadLetters({
        sqs: sqs(),
        queueUrl: fromEnvironment(ENVIRONMENT.deadCommandQueueUrl),
        clock: systemClock,
        redact,
      }),
  };
}

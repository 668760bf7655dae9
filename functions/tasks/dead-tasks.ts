import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { OperationView } from '../operations/rules/operation-view.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { taskKeyOf } from './waiting-tasks.ts';

/** The queue that names the waiting tasks that can never receive their outcome, until a person looks. */
export interface DeadTasks {
  /** Puts a message there that names the task and `why`, the name of an error. The token itself stays in the table of waiting tasks. */
  bury(operation: OperationView, token: string, why: string): Promise<void>;
}

export function createDeadTasks(needs: {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  clock: Clock;
  log: Logger;
}): DeadTasks {
  return {
    async bury({ id, outcome }, token, why) {
      const task = taskKeyOf(token);
      needs.log.error('TASK_BURIED', { operation: id, outcome, task, why });
      await needs.sqs.send(
        new SendMessageCommand({
          QueueUrl: needs.queueUrl,
          MessageBody: JSON.stringify({
            operation: id,
            outcome,
            task,
            reason: why,
            explanation:
              'Step Functions does not take this answer. Fix what the reason names, then answer the task by hand: its token is in the ' +
              'table of waiting tasks, under this operation and task.',
            failedAt: new Date(needs.clock.now()).toISOString(),
          }),
        }),
      );
    },
  };
}

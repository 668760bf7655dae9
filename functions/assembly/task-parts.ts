import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../runtime/clock.ts';
import { ENVIRONMENT, fromEnvironment } from '../runtime/environment.ts';
import type { Logger } from '../runtime/logger.ts';
import { createSqs } from '../runtime/sqs.ts';
import { createStepFunctions } from '../runtime/step-functions.ts';
import { createDeadTasks } from '../tasks/dead-tasks.ts';
import { createTaskAnswers } from '../tasks/task-answers.ts';
import { createWaitingTasks } from '../tasks/waiting-tasks.ts';

/** Parts of the functions that answer waiting tasks. No other bundle contains the Step Functions client. */
export function taskParts({ dynamodb, log }: { dynamodb: DynamoDBClient; log: Logger }) {
  const table = fromEnvironment(ENVIRONMENT.waitingTasksTable);
  const waitingTasks = createWaitingTasks({ dynamodb, table, clock: systemClock });
  return { waitingTasks, taskAnswers: createTaskAnswers({ stepFunctions: createStepFunctions(), waitingTasks, log }) };
}

/** Used by the function that answers all waiting tasks. A function that waits itself tells its caller directly. */
export function deadTasks(log: Logger) {
  const queueUrl = fromEnvironment(ENVIRONMENT.deadOutcomeQueueUrl);
  return createDeadTasks({ sqs: createSqs(), queueUrl, clock: systemClock, log });
}

import { SendTaskFailureCommand, SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { OperationView } from '../operations/operation-view.ts';
import { operationId, viewOf, type Operation } from '../operations/operation.ts';
import type { Logger } from '../runtime/logger.ts';
import { taskErrorOf } from './errors.ts';
import type { WaitingTasks } from './waiting-tasks.ts';

export interface TaskAnswers {
  /** Tells every task that waits for a final operation how it ended. A task that was told before takes no notice. */
  answerAll(operation: Operation): Promise<void>;
}

/** The task was answered before, timed out, or its execution is over. */
const GONE: readonly string[] = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];

export function createTaskAnswers(needs: {
  stepFunctions: Pick<SFNClient, 'send'>;
  waitingTasks: WaitingTasks;
  log: Logger;
}): TaskAnswers {
  const answer = async (taskToken: string, view: OperationView): Promise<void> => {
    const error = taskErrorOf(view);
    try {
      if (error === null) {
        await needs.stepFunctions.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(view) }));
      } else {
        const { name, message } = error;
        await needs.stepFunctions.send(new SendTaskFailureCommand({ taskToken, error: name, cause: message }));
      }
      needs.log.info('TASK_ANSWERED', { operation: view.id, outcome: view.outcome });
    } catch (failure) {
      if (!(failure instanceof Error) || !GONE.includes(failure.name)) throw failure;
      needs.log.warn('TASK_GONE', { operation: view.id, why: failure.name });
    }
  };

  return {
    async answerAll(operation) {
      if (operation.state !== 'confirmed' && operation.state !== 'refused') return;
      const id = operationId(operation);
      for (const token of await needs.waitingTasks.of(id)) {
        await answer(token, viewOf(operation));
        await needs.waitingTasks.markAnswered(id, token);
      }
    },
  };
}

import {
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNServiceException,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { OperationView } from '../operations/rules/operation-view.ts';
import { isOpen, operationId, type Operation } from '../operations/rules/operation.ts';
import { viewOf } from '../operations/rules/view-of.ts';
import type { Logger } from '../runtime/logger.ts';
import { taskErrorOf, TaskNotAnswered } from './errors.ts';
import type { WaitingTasks } from './waiting-tasks.ts';

export interface TaskAnswers {
  /**
   * Sends a task the outcome of its operation, if that is final. A task that was answered before, or is over, ignores it. Throws
   * {@link TaskNotAnswered}.
   */
  answer(operation: Operation, token: string): Promise<void>;
}

/** The task was answered before, timed out, or its execution is over. */
const GONE: readonly string[] = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];
/** Client errors that may be gone by the next attempt: too many requests, and problems with the credentials or the signature. */
const PASSING =
  /throttl|toomany|limitexceeded|timeout|aborted|expired|signature|unrecognizedclient|invalidclienttoken/i;
/** In bytes: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
const LARGEST_OUTPUT = 262_144;

export function createTaskAnswers(needs: {
  stepFunctions: Pick<SFNClient, 'send'>;
  waitingTasks: Pick<WaitingTasks, 'markAnswered'>;
  log: Logger;
}): TaskAnswers {
  return {
    async answer(operation, token) {
      if (isOpen(operation)) return;
      const view = viewOf(operation);
      try {
        await tell(token, view, needs.stepFunctions);
        needs.log.info('TASK_ANSWERED', { operation: view.id, outcome: view.outcome });
      } catch (failure) {
        const why = failure instanceof Error ? failure.name : 'Error';
        if (!GONE.includes(why)) throw new TaskNotAnswered(view.id, why, isForGood(failure));
        needs.log.warn('TASK_GONE', { operation: view.id, why });
      }
      await needs.waitingTasks.markAnswered(operationId(operation), token);
    },
  };
}

async function tell(taskToken: string, view: OperationView, stepFunctions: Pick<SFNClient, 'send'>): Promise<void> {
  const error = taskErrorOf(view);
  if (error !== null) {
    const { name, message } = error;
    await stepFunctions.send(new SendTaskFailureCommand({ taskToken, error: name, cause: message }));
    return;
  }
  const output = JSON.stringify(view);
  if (Buffer.byteLength(output) > LARGEST_OUTPUT) throw new OutputTooLarge();
  await stepFunctions.send(new SendTaskSuccessCommand({ taskToken, output }));
}

/** Thrown when an operation is larger than the output of a task may be. */
class OutputTooLarge extends Error {
  override readonly name = 'OutputTooLarge';
}

/** Whether the same answer would fail again, because Step Functions finds it invalid or does not allow it. */
function isForGood(failure: unknown): boolean {
  if (failure instanceof OutputTooLarge) return true;
  return failure instanceof SFNServiceException && failure.$fault === 'client' && !PASSING.test(failure.name);
}

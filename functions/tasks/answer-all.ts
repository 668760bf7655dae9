import { isOpen, operationId, type Operation } from '../operations/rules/operation.ts';
import { viewOf } from '../operations/rules/view-of.ts';
import type { DeadTasks } from './dead-tasks.ts';
import { TaskNotAnswered } from './errors.ts';
import type { TaskAnswers } from './task-answers.ts';
import type { WaitingTasks } from './waiting-tasks.ts';

export interface AnswerAllNeeds {
  readonly waitingTasks: Pick<WaitingTasks, 'of' | 'markBuried'>;
  readonly answers: TaskAnswers;
  readonly deadTasks: DeadTasks;
}

/**
 * Sends the outcome of a final operation to every task that waits for it. A task that can never receive it is buried with the reason.
 * When all were tried, throws the first error of those that must be tried again.
 */
export async function answerAll(operation: Operation, needs: AnswerAllNeeds): Promise<void> {
  if (isOpen(operation)) return;
  const failures: unknown[] = [];
  for (const token of await needs.waitingTasks.of(operationId(operation))) {
    await answerOne(operation, token, needs).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

async function answerOne(operation: Operation, token: string, needs: AnswerAllNeeds): Promise<void> {
  try {
    await needs.answers.answer(operation, token);
  } catch (error) {
    if (!(error instanceof TaskNotAnswered) || !error.isForGood) throw error;
    await needs.deadTasks.bury(viewOf(operation), token, error.why);
    await needs.waitingTasks.markBuried(operationId(operation), token);
  }
}

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
 * Tells every task that waits for a final operation how it ended. One that can never be told is buried with the reason. Throws what
 * the first of those failed with that are to be told again, when all were tried.
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

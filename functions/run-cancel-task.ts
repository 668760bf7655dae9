import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { taskParts } from './assembly/task-parts.ts';
import { cancelCommandSchema } from './commands/cancel-command.ts';
import { carryOut, type CarryOutNeeds } from './commands/carry-out.ts';
import { parsed } from './commands/queue-message.ts';
import type { Ledger } from './operations/ledger/ledger.ts';
import type { OperationView } from './operations/rules/operation-view.ts';
import { operationId } from './operations/rules/operation.ts';
import { viewOf } from './operations/rules/view-of.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';
import { taskErrorOf, TaskNotAnswered } from './tasks/errors.ts';
import type { TaskAnswers } from './tasks/task-answers.ts';
import type { WaitingTasks } from './tasks/waiting-tasks.ts';

export interface RunCancelTaskNeeds extends CarryOutNeeds {
  readonly ledger: Pick<Ledger, 'findOperation'>;
  readonly waitingTasks: Pick<WaitingTasks, 'add' | 'markAnswered'>;
  readonly answers: TaskAnswers;
  readonly log: InvocationLogger;
}

const taskSchema = cancelCommandSchema.extend({ taskToken: z.optional(z.string().min(1).max(2_048)) });

/**
 * Cancels one order for callers that invoke the function directly. Returns the operation if it is confirmed. For any other outcome it
 * throws an error named after the outcome (`tasks/errors.ts`). Also throws `InvalidCommand`, `UnknownConnection`, `InvalidOrderId`,
 * `NotSupportedByProvider`, `IdempotencyKeyReused`, `OrderWasDeleted`, `AccountTurnedAway`, `OperationInProgress`, `OperationUnreadable`,
 * `LedgerUnavailable` and `TaskNotAnswered`.
 *
 * With a task token it returns the operation as it is, and the task is told when the operation is final. `requestId` is the command's
 * identity if it has no key: when Lambda repeats an asynchronous invocation, the repetition has the same one.
 */
export async function runCancelTask(
  input: unknown,
  requestId: string,
  needs: RunCancelTaskNeeds,
  remainingMs: () => number,
): Promise<OperationView> {
  const { taskToken, ...command } = parsed(taskSchema, input);
  const delivery = { trigger: 'task' as const, identity: taskToken ?? requestId };
  const { operation } = await carryOut(command, delivery, needs, remainingMs);
  if (taskToken !== undefined) return keepToken(operationId(operation), taskToken, needs);

  const error = taskErrorOf(viewOf(operation));
  if (error !== null) throw error;
  return viewOf(operation);
}

/** Stores the token, then reads the operation once more: it may have ended before the token was stored. */
async function keepToken(id: string, token: string, needs: RunCancelTaskNeeds): Promise<OperationView> {
  await needs.waitingTasks.add(id, token);
  const operation = await needs.ledger.findOperation(id);
  if (operation === null) throw new Error(`The ledger does not hold ${id}, which was just answered.`);
  try {
    await needs.answers.answer(operation, token);
  } catch (error) {
    // The task fails with this error. A retry brings another token.
    if (error instanceof TaskNotAnswered && error.isForGood) await needs.waitingTasks.markAnswered(id, token);
    throw error;
  }
  return viewOf(operation);
}

export function newHandler(needs: RunCancelTaskNeeds) {
  return eventChain({
    event: z.unknown(),
    log: needs.log,
    handle: (event, { requestId, remainingMs }) => runCancelTask(event, requestId, needs, remainingMs),
  });
}

export const handler = onColdStart(() => {
  const { connections, operations, ledger, dynamodb, log } = partsFor('run-cancel-task');
  const { waitingTasks, taskAnswers: answers } = taskParts({ dynamodb: dynamodb(), log: log() });
  const asking = { connections: connections(), operations: operations(), ledger: ledger() };
  return newHandler({ ...asking, waitingTasks, answers, log: log() });
});

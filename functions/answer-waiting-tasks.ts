import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { deadRecords } from './assembly/outbox-parts.ts';
import { deadTasks, taskParts } from './assembly/task-parts.ts';
import type { DeadRecords } from './outbox/dead-records.ts';
import { isChange, stepOf, streamEventSchema, type Step, type StreamRecord } from './outbox/stream-record.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';
import { answerAll, type AnswerAllNeeds } from './tasks/answer-all.ts';

export interface AnswerWaitingTasksNeeds extends AnswerAllNeeds {
  readonly deadRecords: DeadRecords;
  readonly log: InvocationLogger;
}

/**
 * Tells waiting Step Functions tasks how their operation ended, as the ledger's stream reports it. If a task cannot be told now, the record
 * is returned as the batch's first failure, so the stream delivers it again. If it can never be told, the record goes to the dead letters,
 * so that its shard goes on.
 */
export async function answerWaitingTasks(
  records: readonly StreamRecord[],
  needs: AnswerWaitingTasksNeeds,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  for (const record of records) {
    const step = await readOrBury(record, needs);
    if (step === null || !isChange(step)) continue;
    try {
      await answerAll(step.after, needs);
    } catch (error) {
      needs.log.error('TASK_NOT_ANSWERED', { error });
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb.SequenceNumber }] };
    }
  }
  return { batchItemFailures: [] };
}

async function readOrBury(record: StreamRecord, needs: AnswerWaitingTasksNeeds): Promise<Step | null> {
  try {
    return stepOf(record);
  } catch (error) {
    await needs.deadRecords.bury(record, error);
    return null;
  }
}

export function newHandler(needs: AnswerWaitingTasksNeeds) {
  return eventChain({
    event: streamEventSchema,
    log: needs.log,
    handle: ({ Records }) => answerWaitingTasks(Records, needs),
  });
}

export const handler = onColdStart(() => {
  const { dynamodb, log } = partsFor('answer-waiting-tasks');
  const { waitingTasks, taskAnswers: answers } = taskParts({ dynamodb: dynamodb(), log: log() });

  return newHandler({
    waitingTasks,
    answers,
    deadTasks: deadTasks(log()),
    deadRecords: deadRecords(log()),
    log: log(),
  });
});

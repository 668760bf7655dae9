import { describe, expect, it } from '@jest/globals';
import type { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type SendTaskFailureCommand, SendTaskSuccessCommand, SFNServiceException } from '@aws-sdk/client-sfn';
import type { Operation } from '../../functions/operations/rules/operation.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { answerAll } from '../../functions/tasks/answer-all.ts';
import { createDeadTasks } from '../../functions/tasks/dead-tasks.ts';
import { TaskNotAnswered, taskErrorOf } from '../../functions/tasks/errors.ts';
import { createTaskAnswers } from '../../functions/tasks/task-answers.ts';
import { taskKeyOf } from '../../functions/tasks/waiting-tasks.ts';
import { CONFIRMED, handClock, PENDING } from '../operations/world.ts';
import { keepingLog } from '../support/api-event.ts';

const REFUSED: Operation = { ...CONFIRMED, state: 'refused', detail: 'refused_by_provider', words: 'não pode' };
const failing = (name: string, $fault: 'client' | 'server' = 'client') =>
  Object.assign(new SFNServiceException({ name, $fault, $metadata: {} }), { name });

/** Step Functions that answers like this, what it was told, and what was noted. */
function tasks(failure: unknown = null) {
  const told: unknown[] = [];
  const answered: string[] = [];
  const log = keepingLog();
  const send = (command: SendTaskFailureCommand | SendTaskSuccessCommand) => {
    told.push([command instanceof SendTaskSuccessCommand ? 'success' : 'failure', command.input]);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a library may do
    return failure === null ? Promise.resolve({}) : Promise.reject(failure);
  };
  const waitingTasks = {
    markAnswered: (id: string, token: string) => Promise.resolve(void answered.push(`${id} ${token}`)),
  };
  return {
    answers: createTaskAnswers({ stepFunctions: { send: send as never }, waitingTasks, log }),
    told,
    answered,
    log,
  };
}

describe('a task that waits', () => {
  it('is told how its operation ended, once that is noted', async () => {
    const it = tasks();
    await it.answers.answer(CONFIRMED, 'token');
    expect(it.told).toEqual([['success', { taskToken: 'token', output: JSON.stringify(viewOf(CONFIRMED)) }]]);
    expect(it.answered).toEqual(['loja-rio:340:1 token']);
    expect(it.log.entries).toEqual([
      { level: 'info', code: 'TASK_ANSWERED', fields: { operation: 'loja-rio:340:1', outcome: 'confirmed' } },
    ]);
  });

  it('fails with the name and the words of how it ended', async () => {
    const it = tasks();
    await it.answers.answer(REFUSED, 'token');
    const cause = 'loja-rio:340:1: the order cannot be cancelled (refused_by_provider). The provider says: não pode';
    expect(it.told).toEqual([['failure', { taskToken: 'token', error: 'OrderNotCancellable', cause }]]);
  });

  it('is told nothing while it is open', async () => {
    const it = tasks();
    await it.answers.answer(PENDING, 'token');
    expect(it).toMatchObject({ told: [], answered: [] });
  });

  it.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])('may be over by then: %s', async (name) => {
    const it = tasks(failing(name));
    await it.answers.answer(CONFIRMED, 'token');
    expect(it.answered).toEqual(['loja-rio:340:1 token']);
    expect(it.log.entries).toMatchObject([{ level: 'warn', code: 'TASK_GONE', fields: { why: name } }]);
  });

  it.each([
    ...[
      'ThrottlingException',
      'TooManyRequestsException',
      'LimitExceededException',
      'RequestTimeout',
      'RequestAborted',
    ],
    ...['ExpiredTokenException', 'InvalidSignatureException', 'UnrecognizedClientException', 'InvalidClientTokenId'],
  ])('is to be told again where that may pass: %s', async (name) => {
    const it = tasks(failing(name));
    await expect(it.answers.answer(CONFIRMED, 'token')).rejects.toMatchObject({ why: name, isForGood: false });
    expect(it.answered).toEqual([]);
  });

  it.each([
    [failing('InvalidOutput'), 'InvalidOutput', true],
    [failing('AccessDeniedException'), 'AccessDeniedException', true],
    [failing('InternalFailure', 'server'), 'InternalFailure', false],
    [new TypeError('x'), 'TypeError', false],
    ['x', 'Error', false],
  ])('is to be told again but where that would fail again: %s', async (failure, why, isForGood) => {
    const rejected = tasks(failure).answers.answer(CONFIRMED, 'token');
    await expect(rejected).rejects.toMatchObject({
      name: 'TaskNotAnswered',
      message: `loja-rio:340:1 is final, but its outcome could not be sent to the task (${why}).`,
      ...{ why, isForGood },
    });
  });

  it('is told in 262,144 bytes at most', async () => {
    const sized = (bytes: number): Operation => {
      const rest = Buffer.byteLength(JSON.stringify(viewOf({ ...CONFIRMED, note: '' })));
      return { ...CONFIRMED, note: `é${'n'.repeat(bytes - rest - 2)}` };
    };
    const fits = tasks();
    await fits.answers.answer(sized(262_144), 'token');
    expect(fits.told).toHaveLength(1);
    const large = tasks();
    const rejected = large.answers.answer(sized(262_145), 'token');
    await expect(rejected).rejects.toMatchObject({ why: 'OutputTooLarge', isForGood: true });
    expect(large.told).toEqual([]);
  });
});

describe('what a task fails with', () => {
  it.each<[Partial<Operation>, string, string]>([
    [{ state: 'refused', detail: 'order_not_found' }, 'OrderNotFound', 'the provider has no such order'],
    [{ state: 'refused', detail: 'x' }, 'OrderNotCancellable', 'the order cannot be cancelled'],
    [{ state: 'unknown' }, 'OutcomeUnknown', 'it is not known yet whether the order is cancelled'],
    [{ state: 'pending' }, 'OutcomePending', 'the cancellation is under way'],
    [
      { state: 'needs_attention' },
      'OperationNeedsAttention',
      'what became of the order could not be found out; a person has to look',
    ],
  ])('is, of %j, %s', (changes, name, what) => {
    const base = changes.state === 'refused' ? CONFIRMED : PENDING;
    const operation = { ...base, ...changes };
    const view = viewOf(operation as Operation);
    expect(taskErrorOf(view)).toMatchObject({ name, message: `loja-rio:340:1: ${what} (${view.detail}).` });
    expect(taskErrorOf({ ...view, words: 'não' })?.message).toBe(
      `loja-rio:340:1: ${what} (${view.detail}). The provider says: não`,
    );
  });

  it('is nothing where it is confirmed', () => {
    expect(taskErrorOf(viewOf(CONFIRMED))).toBeNull();
  });
});

describe('all tasks of an operation', () => {
  const all = async (operation: Operation, failures: Record<string, unknown>) => {
    const calls: string[] = [];
    const needs = {
      waitingTasks: {
        of: () => Promise.resolve(['a', 'b', 'c']),
        markBuried: (id: string, token: string) => Promise.resolve(void calls.push(`buried ${id} ${token}`)),
      },
      answers: {
        answer: (_: Operation, token: string) => {
          calls.push(token);
          const failure = failures[token];
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it is
          return failure === undefined ? Promise.resolve() : Promise.reject(failure);
        },
      },
      deadTasks: {
        bury: (_: unknown, token: string, why: string) => Promise.resolve(void calls.push(`${token}: ${why}`)),
      },
    };
    const end: unknown = await answerAll(operation, needs).then(
      () => 'told',
      (thrown: unknown) => thrown,
    );
    return { calls, end };
  };
  const forGood = new TaskNotAnswered('x', 'InvalidOutput', true);
  const passing = new TaskNotAnswered('x', 'ThrottlingException', false);

  it('are told, and who cannot be told keeps no other waiting', async () => {
    expect(await all(CONFIRMED, { a: forGood })).toEqual({
      calls: ['a', 'a: InvalidOutput', 'buried loja-rio:340:1 a', 'b', 'c'],
      end: 'told',
    });
    expect(await all(CONFIRMED, { a: passing, b: new Error('other') })).toEqual({
      calls: ['a', 'b', 'c'],
      end: passing,
    });
  });

  it('wait while it is open', async () => {
    expect(await all(PENDING, {})).toEqual({ calls: [], end: 'told' });
  });
});

it('a task that is buried is named by its digest: its token stays in its table', async () => {
  const inputs: SendMessageCommand['input'][] = [];
  const send = ({ input }: SendMessageCommand) => Promise.resolve(void inputs.push(input));
  const log = keepingLog();
  const dead = createDeadTasks({ sqs: { send: send as never }, queueUrl: 'dead', clock: handClock(), log });
  await dead.bury(viewOf(CONFIRMED), 'a-token', 'InvalidOutput');
  const task = taskKeyOf('a-token');
  const said = { operation: 'loja-rio:340:1', outcome: 'confirmed', task };
  expect(inputs[0]?.QueueUrl).toBe('dead');
  expect(JSON.parse(inputs[0]?.MessageBody ?? '')).toEqual({
    ...said,
    reason: 'InvalidOutput',
    explanation: expect.stringMatching(
      /answer the task by hand: its token is in the table of waiting tasks/,
    ) as unknown,
    failedAt: '2026-03-01T12:00:00.000Z',
  });
  expect(log.entries).toEqual([{ level: 'error', code: 'TASK_BURIED', fields: { ...said, why: 'InvalidOutput' } }]);
  expect(task).toMatch(/^[\w-]{43}$/);
});

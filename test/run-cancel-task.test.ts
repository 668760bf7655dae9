import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SFNServiceException, type SendTaskFailureCommand, type SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { newHandler as newAnswerer } from '../functions/answer-waiting-tasks.ts';
import { InvalidCommand } from '../functions/commands/errors.ts';
import { currentItem } from '../functions/operations/ledger/items.ts';
import type { Operation } from '../functions/operations/rules/operation.ts';
import { settle } from '../functions/operations/settle.ts';
import { newHandler } from '../functions/run-cancel-task.ts';
import { createTaskAnswers } from '../functions/tasks/task-answers.ts';
import { createWaitingTasks } from '../functions/tasks/waiting-tasks.ts';
import { sampleEvent } from './events/sample.ts';
import { ACTIVE, CANCELLED, TIMED_OUT, timeLeft, world } from './operations/world.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';
import { declaredConnections } from './support/connections.ts';
import { nested } from './support/nested.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

const REFUSED = { kind: 'refused' as const, words: 'já foi faturado' };

describe('run-cancel-task', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let handler: ReturnType<typeof newHandler>;
  let answerer: ReturnType<typeof newAnswerer>;
  let waitingTasks: ReturnType<typeof createWaitingTasks>;
  let told: Record<string, unknown>[];
  let answering: () => Error | null;
  let orders = 0;
  const newOrder = () => String(8_000 + (orders += 1));

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    provider = world(database);
    told = [];
    answering = () => null;
    const stepFunctions = {
      send: ({ input }: SendTaskSuccessCommand | SendTaskFailureCommand) => {
        const failure = answering();
        if (failure !== null) return Promise.reject(failure);
        told.push({ ...input });
        return Promise.resolve({});
      },
    };
    const log = keepingLog();
    waitingTasks = createWaitingTasks({
      dynamodb: database.client,
      table: database.tables.waitingTasks,
      clock: provider.clock,
    });
    const answers = createTaskAnswers({ stepFunctions: stepFunctions as never, waitingTasks, log });
    handler = newHandler({
      ...{ waitingTasks, answers, log, operations: provider.needs, ledger: provider.needs.ledger },
      connections: declaredConnections(),
    });
    const bury = () => Promise.resolve();
    answerer = newAnswerer({ waitingTasks, answers, deadTasks: { bury }, deadRecords: { bury }, log });
  });

  let requests = 0;
  const run = (input: unknown, awsRequestId = `request-of-test-${(requests += 1)}`) =>
    handler(input, lambdaContext(timeLeft(provider.clock, 55_000), awsRequestId));
  const current = async (orderId: string): Promise<Operation> => {
    const order = await provider.needs.ledger.find('loja-rio', orderId);
    if (order === null) throw new Error(`The ledger has nothing of ${orderId}.`);
    return order.current;
  };
  const streamOperation = (operation: Operation) =>
    answerer(
      {
        Records: [
          {
            eventID: 'event-1',
            eventName: 'MODIFY',
            dynamodb: {
              Keys: { order: { S: `loja-rio:${operation.orderId}` }, slot: { S: 'current' } },
              NewImage: currentItem(operation),
              SequenceNumber: '1',
            },
          },
        ],
      },
      lambdaContext(29_000, 'request-2'),
    );
  const settleOrder = async (orderId: string) => {
    const operation = await current(orderId);
    if (operation.state === 'confirmed' || operation.state === 'refused') throw new Error('It is settled already.');
    provider.clock.advance(3_600_000);
    await settle(operation, provider.open('loja-rio'), provider.needs, timeLeft(provider.clock, 100_000));
    return current(orderId);
  };

  it('answers the operation where it is confirmed', async () => {
    expect(await run({ connection: 'loja-rio', orderId: newOrder() })).toMatchObject({
      outcome: 'confirmed',
      trigger: 'task',
      final: true,
    });
  });

  it('throws what else it came to, by the names that Catch and Retry find', async () => {
    const failing = async (input: unknown) => {
      const error: unknown = await run(input).catch((thrown: unknown) => thrown);
      return error instanceof Error ? [error.name, error.message] : ['nothing was thrown', ''];
    };
    provider.cancel.mockResolvedValueOnce(REFUSED);
    expect(await failing({ connection: 'loja-rio', orderId: newOrder() })).toEqual([
      'OrderNotCancellable',
      expect.stringMatching(/^loja-rio:\d+:1: .*já foi faturado$/),
    ]);
    provider.cancel.mockResolvedValueOnce({ kind: 'order_not_found', words: '' });
    provider.lookUp.mockResolvedValueOnce({ kind: 'order_not_found' });
    expect(await failing({ connection: 'loja-rio', orderId: newOrder() })).toEqual([
      'OrderNotFound',
      expect.stringMatching(/:1:/),
    ]);
    provider.cancel.mockResolvedValueOnce(TIMED_OUT);
    expect(await failing({ connection: 'loja-rio', orderId: newOrder() })).toEqual([
      'OutcomeUnknown',
      expect.stringMatching(/timed_out/),
    ]);
    provider.cancel.mockResolvedValueOnce({ kind: 'not_sent', problem: 'provider_unreachable' });
    expect(await failing({ connection: 'loja-rio', orderId: newOrder() })).toEqual([
      'OutcomePending',
      expect.stringMatching(/:1:/),
    ]);
    expect(await failing({ connection: 'loja-rio' })).toEqual(['InvalidCommand', expect.stringMatching(/orderId/)]);
    expect(await failing({ connection: 'loja-sul', orderId: '1' })).toEqual([
      'UnknownConnection',
      expect.stringMatching(/connection/),
    ]);
    expect(await failing({ connection: 'loja-rio', orderId: 'x' })).toEqual([
      'InvalidOrderId',
      expect.stringMatching(/digits/),
    ]);
    expect(await failing({ connection: 'loja-rio', orderId: '1', taskToken: 5 })).toEqual([
      'InvalidCommand',
      expect.stringMatching(/taskToken/),
    ]);
  });

  it('takes the id of an execution as its key, in whatever language it is named', async () => {
    const orderId = newOrder();
    const command = {
      connection: 'loja-rio',
      orderId,
      idempotencyKey: 'arn:aws:states:sa-east-1:123456789012:execution:devoluções:pedido-não-pago',
    };
    expect(await run(command)).toMatchObject({ id: `loja-rio:${orderId}:1` });
    expect(await run(command)).toMatchObject({ id: `loja-rio:${orderId}:1` });
    expect(provider.cancel).toHaveBeenCalledTimes(1);
  });

  it('names what is wrong in a command that is nested deep', async () => {
    const note: unknown = JSON.parse(nested(20_000));
    await expect(run({ connection: 'loja-rio', orderId: newOrder(), note })).rejects.toThrow(/^note: /);
    await expect(run(note)).rejects.toThrow(InvalidCommand);
  });

  it('asks once however often a state machine retries with its key, or Lambda repeats a request', async () => {
    for (const [input, request] of [
      [{ connection: 'loja-rio', orderId: newOrder(), idempotencyKey: 'execution-1' }, null],
      [{ connection: 'loja-rio', orderId: newOrder() }, 'request-7'],
    ] as const) {
      provider.cancel.mockClear();
      provider.cancel.mockResolvedValueOnce(REFUSED);
      for (const attempt of [1, 2, 3]) {
        await expect(run(input, request ?? `request-of-attempt-${attempt}`)).rejects.toThrow(/refused/);
      }
      expect(provider.cancel).toHaveBeenCalledTimes(1);
      expect(await current(input.orderId)).toMatchObject({ number: 1 });
    }
  });

  describe('with a task token', () => {
    it('tells the task at once of what is final already', async () => {
      const sample = sampleEvent<{ taskToken: string }>('step-functions-task');
      const orderId = newOrder();
      expect(await run({ ...sample, orderId, idempotencyKey: orderId })).toMatchObject({ outcome: 'confirmed' });
      expect(told).toEqual([{ taskToken: sample.taskToken, output: expect.stringContaining('"outcome":"confirmed"') }]);
    });

    it('tells it when the operation is settled, and only then', async () => {
      const orderId = newOrder();
      provider.cancel.mockResolvedValueOnce(TIMED_OUT);
      expect(await run({ connection: 'loja-rio', orderId, taskToken: 'waiting' })).toMatchObject({
        outcome: 'unknown',
      });
      await streamOperation(await current(orderId));
      expect(told).toEqual([]);
      provider.lookUp.mockResolvedValue(CANCELLED);
      await streamOperation(await settleOrder(orderId));
      expect(told).toEqual([{ taskToken: 'waiting', output: expect.stringContaining('"outcome":"confirmed"') }]);
    });

    it('tells a refusal as a failure with its name', async () => {
      const orderId = newOrder();
      provider.cancel.mockResolvedValueOnce(REFUSED);
      provider.lookUp.mockResolvedValue(ACTIVE);
      await run({ connection: 'loja-rio', orderId, taskToken: 'refused' });
      expect(told).toEqual([
        { taskToken: 'refused', error: 'OrderNotCancellable', cause: expect.stringContaining('já foi faturado') },
      ]);
    });

    it('hears as its own failure that Step Functions did not take the end, and of no other task', async () => {
      const orderId = newOrder();
      await run({ connection: 'loja-rio', orderId });
      await waitingTasks.add(`loja-rio:${orderId}:1`, 'a-stranger');
      await run({ connection: 'loja-rio', orderId, taskToken: 'lucky' });
      expect(told.map(({ taskToken }) => taskToken)).toEqual(['lucky']);
      answering = () => new Error("Value 'secret-token' at 'taskToken' failed");
      const failing = run({ connection: 'loja-rio', orderId, taskToken: 'secret-token' });
      await expect(failing).rejects.toMatchObject({
        name: 'TaskNotAnswered',
        message: expect.not.stringContaining('secret-token'),
      });
    });

    it('leaves no token behind of a task that Step Functions never lets be told, and that so fails by the function', async () => {
      const orderId = newOrder();
      answering = () =>
        new SFNServiceException({ name: 'AccessDeniedException', message: 'no', $fault: 'client', $metadata: {} });
      for (const taskToken of ['forbidden', 'forbidden too']) {
        const failing = run({ connection: 'loja-rio', orderId, taskToken });
        await expect(failing).rejects.toMatchObject({ name: 'TaskNotAnswered', isForGood: true });
      }
      expect(await waitingTasks.of(`loja-rio:${orderId}:1`)).toEqual([]);
      // What may be told by the next attempt waits: the stream may come to it first.
      answering = () => new Error('Step Functions is down');
      await expect(run({ connection: 'loja-rio', orderId, taskToken: 'passing' })).rejects.toThrow(
        /could not be sent to the task/,
      );
      expect(await waitingTasks.of(`loja-rio:${orderId}:1`)).toEqual(['passing']);
    });

    it('tells every task that waits, each once however often the stream tells the end', async () => {
      const orderId = newOrder();
      provider.cancel.mockResolvedValueOnce(TIMED_OUT);
      for (const taskToken of ['first', 'second']) await run({ connection: 'loja-rio', orderId, taskToken });
      provider.lookUp.mockResolvedValue(CANCELLED);
      const end = await settleOrder(orderId);
      for (let time = 0; time < 3; time += 1) await streamOperation(end);
      expect(told.map(({ taskToken }) => taskToken).sort()).toEqual(['first', 'second']);
    });

    it('tells a task that came after the end was streamed', async () => {
      const orderId = newOrder();
      provider.cancel.mockResolvedValueOnce(TIMED_OUT);
      await run({ connection: 'loja-rio', orderId }).catch(() => undefined);
      provider.lookUp.mockResolvedValue(CANCELLED);
      await streamOperation(await settleOrder(orderId));
      await run({ connection: 'loja-rio', orderId, taskToken: 'late' });
      expect(told).toMatchObject([{ taskToken: 'late' }]);
    });

    it('has the stream come back when Step Functions does not answer, and lets go of a task that is over', async () => {
      const orderId = newOrder();
      provider.cancel.mockResolvedValueOnce(TIMED_OUT);
      await run({ connection: 'loja-rio', orderId, taskToken: 'unlucky' });
      provider.lookUp.mockResolvedValue(CANCELLED);
      const end = await settleOrder(orderId);
      answering = () => new Error('Step Functions is down');
      expect(await streamOperation(end)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
      answering = () => Object.assign(new Error('it is over'), { name: 'TaskTimedOut' });
      expect(await streamOperation(end)).toEqual({ batchItemFailures: [] });
      answering = () => null;
      await streamOperation(end);
      expect(told).toEqual([]);
    });
  });
});

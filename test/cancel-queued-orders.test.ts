import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as fc from 'fast-check';
import { createBatches } from '../functions/batches/batches.ts';
import { newHandler } from '../functions/cancel-queued-orders.ts';
import { createDeadLetters } from '../functions/commands/dead-letters.ts';
import type { OperationNeeds } from '../functions/operations/needs.ts';
import { perform } from '../functions/operations/perform.ts';
import { redact } from '../functions/runtime/redact.ts';
import { MOST_RECEIVES } from '../infra/function-row.ts';
import { FUNCTIONS } from '../infra/functions.ts';
import { sampleEvent } from './events/sample.ts';
import { cancelCommand, DONE, timeLeft, world } from './operations/world.ts';
import { until } from './support/aws-services.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';
import { declaredConnections } from './support/connections.ts';
import { nested } from './support/nested.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

interface SqsEvent {
  Records: {
    messageId: string;
    receiptHandle: string;
    body: string;
    attributes: Record<string, string>;
    messageAttributes: Record<string, { stringValue: string }>;
  }[];
}
type Handler = ReturnType<typeof newHandler>;
interface DeadMessage {
  body: string;
  reason: string | undefined;
  explanation: string | undefined;
  commandId: string | undefined;
}

const REFUSED = { kind: 'refused' as const, words: 'não pode' };

describe('cancel-queued-orders', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let dead: DeadMessage[];
  let hidden: { handle: string; seconds: number }[];
  let container: (operations: OperationNeeds) => Handler;
  let handler: Handler;
  let mostReceives = 4;
  let orders = 0;
  const newOrder = () => String(5_000 + (orders += 1));

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    provider = world(database);
    dead = [];
    hidden = [];
    const deadQueue = {
      send: ({ input }: SendMessageCommand) => {
        const { reason, explanation, commandId } = input.MessageAttributes ?? {};
        dead.push({
          body: input.MessageBody ?? '',
          reason: reason?.StringValue,
          explanation: explanation?.StringValue,
          commandId: commandId?.StringValue,
        });
        return Promise.resolve({});
      },
    };
    container = (operations) =>
      newHandler({
        connections: declaredConnections(),
        operations,
        batches: createBatches({ dynamodb: database.client, table: database.tables.batches }),
        deadLetters: createDeadLetters({ sqs: deadQueue as never, queueUrl: 'dead', clock: provider.clock, redact }),
        source: {
          get mostReceives() {
            return mostReceives;
          },
          hideFor: (handle, seconds) => {
            hidden.push({ handle, seconds });
            return Promise.resolve();
          },
        },
        log: keepingLog(),
      });
    handler = container(provider.needs);
  });

  let messages = 0;
  const message = (body: unknown, { receives = 1, id = `message-${(messages += 1)}`, commandId = '' } = {}) => {
    const [record] = sampleEvent<SqsEvent>('sqs').Records;
    if (record === undefined) throw new Error('The sample has no record.');
    return {
      ...record,
      messageId: id,
      receiptHandle: `handle of ${id}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: { ...record.attributes, ApproximateReceiveCount: String(receives) },
      messageAttributes: commandId === '' ? {} : { commandId: { stringValue: commandId } },
    };
  };
  const deliverTo = (to: Handler, records: SqsEvent['Records']) =>
    to({ Records: records }, lambdaContext(timeLeft(provider.clock, 110_000)));
  const deliver = (...records: SqsEvent['Records']) => deliverTo(handler, records);
  const operationsOf = async (orderId: string) => {
    const order = await provider.needs.ledger.find('loja-rio', orderId);
    return order === null ? [] : [order.current, ...order.previous];
  };

  /** Resolves when another invocation has asked for the order's cancel, which is not answered. */
  async function beingCancelled(orderId: string): Promise<void> {
    provider.cancel.mockImplementationOnce(() => new Promise(() => undefined));
    perform(cancelCommand({ orderId }), provider.needs, timeLeft(provider.clock, 600_000)).catch(() => undefined);
    await until(() => provider.cancel.mock.calls.length > 0, 10);
  }

  it('carries out AWS’s sample event', async () => {
    const reply = await handler(sampleEvent('sqs'), lambdaContext(timeLeft(provider.clock, 110_000)));
    expect(reply).toEqual({ batchItemFailures: [] });
    expect(await operationsOf('340')).toMatchObject([
      { state: 'confirmed', reason: 'fraud', trigger: 'queue', number: 1 },
    ]);
  });

  it('carries out an event of the bus, as its rule puts it into the queue', async () => {
    const orderId = newOrder();
    const event = sampleEvent<{ detail: object }>('eventbridge');
    await deliver(message({ ...event, detail: { ...event.detail, orderId } }));
    expect(await operationsOf(orderId)).toMatchObject([{ state: 'confirmed', trigger: 'event', actor: 'ana' }]);
  });

  describe('delivered again after a refusal', () => {
    const again: [string, (orderId: string) => SqsEvent['Records'][]][] = [
      [
        'a message',
        (orderId) =>
          [1, 2, 3].map((receives) => [message({ connection: 'loja-rio', orderId }, { id: `m-${orderId}`, receives })]),
      ],
      [
        'an event that reached the queue in three messages',
        (orderId) => {
          const event = {
            ...sampleEvent<object>('eventbridge'),
            id: `event-${orderId}`,
            detail: { connection: 'loja-rio', orderId },
          };
          return [[message(event)], [message(event)], [message(event)]];
        },
      ],
      [
        'an order of a batch that was queued three times',
        (orderId) => {
          const entry = { batch: { id: `batch-${orderId}`, dryRun: false }, connection: 'loja-rio', orderId };
          return [[message(entry)], [message(entry)], [message(entry)]];
        },
      ],
      [
        'a command with a key',
        (orderId) => {
          const command = { connection: 'loja-rio', orderId, idempotencyKey: `key-${orderId}` };
          return [[message(command)], [message(command)], [message(command)]];
        },
      ],
      [
        'a message that was redriven from the dead letters, and has a new id',
        (orderId) => [
          [message({ connection: 'loja-rio', orderId }, { id: `first-${orderId}` })],
          [message({ connection: 'loja-rio', orderId }, { commandId: `first-${orderId}` })],
        ],
      ],
    ];
    it.each(again)('%s is answered and not asked for again', async (_, deliveriesOf) => {
      const orderId = newOrder();
      provider.cancel.mockResolvedValueOnce(REFUSED).mockResolvedValue(DONE);
      for (const records of deliveriesOf(orderId)) {
        expect(await deliver(...records)).toEqual({ batchItemFailures: [] });
      }
      expect(provider.cancel).toHaveBeenCalledTimes(1);
      expect(await operationsOf(orderId)).toMatchObject([{ state: 'refused', number: 1 }]);
    });

    it('another message is another ask', async () => {
      const orderId = newOrder();
      provider.cancel.mockResolvedValueOnce(REFUSED).mockResolvedValue(DONE);
      await deliver(message({ connection: 'loja-rio', orderId }));
      await deliver(message({ connection: 'loja-rio', orderId }));
      expect(await operationsOf(orderId)).toMatchObject([
        { state: 'confirmed', number: 2 },
        { state: 'refused', number: 1 },
      ]);
    });
  });

  it('carries out every command that came with one identity: one event, or one redrive, can be of several orders', async () => {
    const [first, second, third, fourth] = [newOrder(), newOrder(), newOrder(), newOrder()];
    const event = (orderId: string) => ({
      ...sampleEvent<object>('eventbridge'),
      id: 'event-of-two',
      detail: { connection: 'loja-rio', orderId },
    });
    await deliver(message(event(first)), message(event(second)));
    const redriven = (orderId: string) => message({ connection: 'loja-rio', orderId }, { commandId: 'first-of-two' });
    await deliver(redriven(third), redriven(fourth));
    expect(dead).toEqual([]);
    for (const orderId of [first, second, third, fourth]) {
      expect(await operationsOf(orderId)).toMatchObject([{ state: 'confirmed', number: 1 }]);
    }
  });

  it('takes a message for the same one when it comes back from the dead letters without what was personal in it', async () => {
    const orderId = newOrder();
    provider.cancel.mockResolvedValueOnce(REFUSED).mockResolvedValue(DONE);
    const command = { connection: 'loja-rio', orderId, note: 'ana@example.com' };
    await deliver(message(command, { id: `first-${orderId}` }));
    await deliver(message({ ...command, note: '[redacted]' }, { commandId: `first-${orderId}` }));
    expect(dead).toEqual([]);
    expect(await operationsOf(orderId)).toMatchObject([{ state: 'refused', number: 1 }]);
  });

  it('does nine of ten, and buries the tenth with its reason', async () => {
    const good = Array.from({ length: 9 }, newOrder);
    const records = good.map((orderId) => message({ connection: 'loja-rio', orderId }));
    records.splice(4, 0, message('{"connection": "loja-rio", "orderId": 340}', { id: 'poison' }));
    expect(await deliver(...records)).toEqual({ batchItemFailures: [] });
    expect(provider.cancel).toHaveBeenCalledTimes(9);
    for (const orderId of good) expect(await operationsOf(orderId)).toMatchObject([{ state: 'confirmed' }]);
    expect(dead).toEqual([
      {
        body: '{"connection": "loja-rio", "orderId": 340}',
        reason: 'invalid-command',
        explanation: expect.stringMatching(/^orderId: /),
        commandId: 'poison',
      },
    ]);
  });

  it.each([
    ['no JSON', '{"connection"', 'invalid-command', /JSON/],
    ['an array', '[]', 'invalid-command', /command/],
    ['no order', { connection: 'loja-rio' }, 'invalid-command', /orderId/],
    ['an unknown field', { connection: 'loja-rio', orderId: '340', resaon: 'fraud' }, 'invalid-command', /not known/],
    ['an unknown reason', { connection: 'loja-rio', orderId: '340', reason: 'mood' }, 'invalid-command', /reason/],
    ['a wrong order id', { connection: 'loja-rio', orderId: 'abc' }, 'invalid-order-id', /digits/],
    ['an unknown connection', { connection: 'loja-sul', orderId: '340' }, 'unknown-connection', /connection/],
    ['another event', { 'detail-type': 'Other', id: 'e', source: 's', detail: {} }, 'invalid-command', /detail-type/],
  ])('buries a command that can never work at its first delivery: %s', async (_, body, reason, explanation) => {
    expect(await deliver(message(body))).toEqual({ batchItemFailures: [] });
    expect(dead).toMatchObject([{ reason, explanation: expect.stringMatching(explanation) }]);
    expect(hidden).toEqual([]);
    expect(provider.cancel).not.toHaveBeenCalled();
  });

  it('buries nothing personal, and what it buries can be redriven', async () => {
    const note = 'ana@example.com, CPF 529.982.247-25';
    await deliver(message({ connection: 'loja-sul', orderId: '12345678901234', note, actor: 'Ana +55 11 91234-5678' }));
    await deliver(message(`{"note": "${note}`));
    await deliver(message({ connection: 'loja-sul', orderId: '1', idempotencyKey: 'ana@example.com' }));
    await deliver(message({ connection: 'loja-rio', orderId: 'ana@example.com' }));
    const customer = { name: 'Ana Souza', address: 'Rua das Flores 12' };
    await deliver(message({ connection: 'loja-rio', orderId: '340', customer }));
    expect(dead).toHaveLength(5);
    expect(JSON.stringify(dead)).not.toMatch(/example\.com|529\.982|91234|Souza|Flores/);
    expect(JSON.parse(dead[0]?.body ?? '')).toMatchObject({ connection: 'loja-sul', orderId: '12345678901234' });
  });

  it.each([
    ['a command', { connection: 'loja-\ufffe', orderId: '1', note: 'desistiu \u{1f622}' }],
    ['no command', { pedido: '\uffff\ud83d', connection: '\u0000\ufffe' }],
    ['a text', `não é JSON ${'x'.repeat(49_988)}\u{1f622}`],
  ])('buries %s in characters that SQS takes, and as the same JSON', async (_, body) => {
    await deliver(message(body));
    const [buried] = dead;
    const texts = [buried?.body, buried?.explanation, buried?.commandId].map(String);
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    const taken = /^[\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
    expect(texts.filter((text) => !taken.test(text))).toEqual([]);
    const { connection, note } = typeof body === 'string' ? {} : { note: undefined, ...body };
    if (connection !== undefined)
      expect(JSON.parse(buried?.body ?? '')).toMatchObject({ connection, ...(note && { note }) });
  });

  it.each([
    ['a number', '{"connection":"loja-rio","orderId":11987654321}', '"orderId":11987654321'],
    ['a text', '{"orderId": "11987654321", "reason": "mood"}', '"orderId": "11987654321"'],
    ['of an event', '{"detail":{"orderId":123456789012345678}}', '"orderId":123456789012345678'],
    ['beside other numbers', '{"orderId":340,"note":11987654321,"batch":[11987654321, 1]}', '"orderId":340'],
    ['too long for a number, and a name', '{"orderId":123456789012345678,"name":"Ana"}', '"123456789012345678"'],
    ['before a name', '{"orderId":11987654321,"name":"Ana"}', '"orderId":11987654321'],
  ])('buries the id of an order in JSON that is no command: %s', async (_, body, kept) => {
    await deliver(message(body));
    const buried = dead[0]?.body ?? '';
    expect(buried).toContain(kept);
    expect(buried.replace(kept, '')).not.toMatch(/11987654321|Ana/);
    expect(JSON.parse(buried)).toEqual(expect.any(Object));
  });

  it('buries nothing personal of a command that was made JSON twice either', async () => {
    await deliver(
      message(JSON.stringify(JSON.stringify({ orderId: '340', customer: 'Ana Souza', street: 'Rua Azul' }))),
    );
    expect(JSON.stringify(dead)).not.toMatch(/Souza|Rua/);
    expect(JSON.parse(JSON.parse(dead[0]?.body ?? '') as string)).toMatchObject({ orderId: '340' });
  });

  it.each(['execução-de-devolução', '주문 취소 7', '😀'.repeat(255)])('takes the key %s', async (idempotencyKey) => {
    const orderId = newOrder();
    await deliver(message({ connection: 'loja-rio', orderId, idempotencyKey }));
    expect(await operationsOf(orderId)).toMatchObject([{ state: 'confirmed', number: 1 }]);
    await deliver(message({ connection: 'loja-rio', orderId, idempotencyKey, reason: 'fraud' }));
    expect(dead).toMatchObject([{ reason: 'idempotency-key-reused' }]);
  });

  it.each(['', 'a\nb', 'a\u0000', '\ud83d', ' \t', 'ç'.repeat(256)])(
    'takes no key such as %j',
    async (idempotencyKey) => {
      await deliver(message({ connection: 'loja-rio', orderId: newOrder(), idempotencyKey }));
      expect(dead).toMatchObject([
        { reason: 'invalid-command', explanation: expect.stringMatching(/^idempotencyKey: /) },
      ]);
    },
  );

  it('reads a message that begins with a byte order mark', async () => {
    const orderId = newOrder();
    await deliver(message(`\uFEFF${JSON.stringify({ connection: 'loja-rio', orderId })}`));
    expect(await operationsOf(orderId)).toMatchObject([{ state: 'confirmed' }]);
  });

  it('buries nothing personal of a message that begins with a byte order mark either', async () => {
    await deliver(message(`\uFEFF${JSON.stringify({ orderId: '340', customer: 'Ana Souza' })}`));
    expect(JSON.stringify(dead)).not.toMatch(/Souza/);
  });

  it('buries a command that is nested deep, and nothing personal of it', async () => {
    const customer = `{"name":"Ana Souza","more":${nested(20_000)}}`;
    const command = `{"connection":"loja-rio","orderId":"340","customer":${customer}}`;
    const event = `{"id":"e","detail-type":"OrderCancellationRequested","source":"s","detail":${command}}`;
    for (const body of [command, event, JSON.stringify(command)]) await deliver(message(body));
    expect(dead).toMatchObject([
      { reason: 'invalid-command', explanation: 'The command is nested too deep.' },
      { reason: 'invalid-command', explanation: 'The command is nested too deep.' },
      { reason: 'invalid-command' },
    ]);
    expect(JSON.stringify(dead)).not.toMatch(/Souza/);
  });

  it('buries a key that comes back with another command', async () => {
    const orderId = newOrder();
    const command = { connection: 'loja-rio', orderId, idempotencyKey: `reused-${orderId}` };
    await deliver(message(command));
    await deliver(message({ ...command, reason: 'fraud' }));
    expect(dead).toMatchObject([{ reason: 'idempotency-key-reused' }]);
  });

  it('names the messages that failed, wherever they stand among others', async () => {
    const busy = newOrder();
    await beingCancelled(busy);
    const good = Array.from({ length: 4 }, newOrder);
    const records = good.map((orderId) => message({ connection: 'loja-rio', orderId }));
    records.splice(2, 0, message({ connection: 'loja-rio', orderId: busy }, { id: 'busy' }));
    expect(await deliver(...records)).toEqual({ batchItemFailures: [{ itemIdentifier: 'busy' }] });
    expect(hidden).toMatchObject([{ handle: 'handle of busy' }]);
    for (const orderId of good) expect(await operationsOf(orderId)).toMatchObject([{ state: 'confirmed' }]);
  });

  it('puts off an order that is being worked on, longer each time, and says why it gives up', async () => {
    const orderId = newOrder();
    await beingCancelled(orderId);

    for (const receives of [1, 2, 3]) {
      const record = message({ connection: 'loja-rio', orderId }, { id: 'busy', receives });
      expect(await deliver(record)).toEqual({ batchItemFailures: [{ itemIdentifier: 'busy' }] });
    }
    expect(hidden.map(({ seconds }) => seconds)).toEqual([2, 6, 18]);
    expect(await deliver(message({ connection: 'loja-rio', orderId }, { id: 'busy', receives: 4 }))).toEqual({
      batchItemFailures: [],
    });
    expect(dead).toMatchObject([{ reason: 'gave-up', explanation: expect.stringContaining('OperationInProgress') }]);
    expect(provider.cancel).toHaveBeenCalledTimes(1);
  });

  it('waits longer than any lease lasts before the queue gives up, and never more than five minutes at once', async () => {
    const orderId = newOrder();
    await beingCancelled(orderId);
    const deliveries = async (most: number) => {
      hidden = [];
      mostReceives = most;
      for (let receives = 1; receives < most; receives += 1) {
        await deliver(message({ connection: 'loja-rio', orderId }, { receives }));
      }
      return hidden.map(({ seconds }) => seconds);
    };
    // How that is more than any lease: test/infra/constants.test.ts.
    expect(await deliveries(MOST_RECEIVES)).toEqual([2, 6, 18, 54, 162]);
    expect((await deliveries(9)).slice(-3)).toEqual([300, 300, 300]);
    mostReceives = 4;
  });

  it('makes four calls at once for a connection, and begins no fifth order before one is answered', async () => {
    let answer: (reply: typeof DONE) => void = () => undefined;
    const answered = new Promise<typeof DONE>((resolve) => {
      answer = resolve;
    });
    provider.cancel.mockReturnValue(answered);
    const { ledger } = provider.needs;
    const claim = jest.fn((...claimed: Parameters<typeof ledger.claim>) => ledger.claim(...claimed));
    const containers = FUNCTIONS.flatMap(({ trigger }) => (trigger.kind === 'queue' ? [trigger.containers] : []));
    const batches = Array.from({ length: containers[0] ?? 0 }, () => {
      const records = Array.from({ length: 10 }, () => message({ connection: 'loja-rio', orderId: newOrder() }));
      return deliverTo(container({ ...provider.needs, ledger: { ...ledger, claim } }), records);
    });
    // Orders are begun at once when a batch comes, and called for only when they are claimed: by now a fifth would be begun.
    await until(() => provider.cancel.mock.calls.length >= 4, 10);
    expect(claim).toHaveBeenCalledTimes(4);
    answer(DONE);
    expect(await Promise.all(batches)).toEqual(batches.map(() => ({ batchItemFailures: [] })));
    expect(provider.cancel).toHaveBeenCalledTimes(20);
  });

  it('leaves a message in the queue when not even its end can be written down', async () => {
    const failing = newHandler({
      connections: declaredConnections(),
      operations: provider.needs,
      batches: createBatches({ dynamodb: database.client, table: database.tables.batches }),
      deadLetters: { bury: () => Promise.reject(new Error('SQS is down')) },
      source: { mostReceives: 4, hideFor: () => Promise.reject(new Error('SQS is down')) },
      log: keepingLog(),
    });
    const context = lambdaContext(110_000);
    const orderId = newOrder();
    const records = [message('nonsense', { id: 'poison' }), message({ connection: 'loja-rio', orderId })];
    expect(await failing({ Records: records }, context)).toEqual({ batchItemFailures: [{ itemIdentifier: 'poison' }] });
    expect(await operationsOf(orderId)).toMatchObject([{ state: 'confirmed' }]);
  });

  it('never fails as a whole, whatever is in the queue', async () => {
    const anyBody = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc
        .record(
          {
            connection: fc.constantFrom('loja-rio', 'loja-sul', '__proto__'),
            orderId: fc.oneof(fc.string(), fc.integer().map(String), fc.jsonValue()),
            batch: fc.jsonValue(),
            'detail-type': fc.constantFrom('OrderCancellationRequested', 'x'),
            detail: fc.jsonValue(),
            note: fc.string({ unit: 'binary' }),
          },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyBody, { maxLength: 10 }), async (bodies) => {
        const orderId = newOrder();
        const records = [...bodies.map((body) => message(body)), message({ connection: 'loja-rio', orderId })];
        expect(await deliver(...records)).toEqual({ batchItemFailures: [] });
        expect(await operationsOf(orderId)).toMatchObject([{ state: 'confirmed' }]);
      }),
      { numRuns: 50 },
    );
  });
});

import type { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from '@jest/globals';
import { createDeadLetters, type DeadMessage } from '../../functions/commands/dead-letters.ts';
import { deadReasonOf, type Reason } from '../../functions/commands/dead-reason.ts';
import { InvalidCommand } from '../../functions/commands/errors.ts';
import { queuedCommandOf } from '../../functions/commands/queue-message.ts';
import {
  NotSupportedByProvider,
  AccountTurnedAway,
  IdempotencyKeyReused,
  OrderWasDeleted,
} from '../../functions/operations/errors.ts';
import { InvalidOrderId, UnknownConnection } from '../../functions/providers/errors.ts';
import { redact } from '../../functions/runtime/redact.ts';
import { CONFIRMED, handClock } from '../operations/world.ts';

const UNKNOWN: Reason = { code: 'unknown-connection', text: 'why' };
const INVALID: Reason = { code: 'invalid-command', text: 'why' };
const MAIL = 'ana@example.com';

async function bury(message: Partial<DeadMessage>, reason: Reason = INVALID) {
  const inputs: SendMessageCommand['input'][] = [];
  const send = ({ input }: SendMessageCommand) => Promise.resolve(void inputs.push(input));
  const letters = createDeadLetters({ sqs: { send: send as never }, queueUrl: 'dead', clock: handClock(), redact });
  await letters.bury({ body: '', queued: null, commandId: 'c1', ...message }, reason);
  const [input] = inputs;
  const attributes = Object.entries(input?.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => {
    expect(DataType).toBe('String');
    return [name, StringValue];
  });
  return {
    url: input?.QueueUrl,
    body: input?.MessageBody ?? '',
    attributes: Object.fromEntries(attributes) as Record<string, string>,
  };
}
/** What is buried of a command that could be read. */
const buryCommand = async (body: object, reason = UNKNOWN) => {
  const text = JSON.stringify(body);
  const letter = await bury({ body: text, queued: queuedCommandOf(text, 'm1') }, reason);
  return JSON.parse(letter.body) as Record<string, unknown>;
};
const COMMAND = { connection: 'loja-sul', orderId: '340' };

describe('a dead letter', () => {
  it('has its reason, its explanation, its time and the identity of its first delivery', async () => {
    const letter = await bury({ body: '[]' }, { code: 'invalid-command', text: `wrong, says ${MAIL}` });
    expect(letter).toEqual({
      url: 'dead',
      body: '[]',
      attributes: {
        reason: 'invalid-command',
        explanation: 'wrong, says [redacted]',
        failedAt: '2026-03-01T12:00:00.000Z',
        commandId: 'c1',
      },
    });
  });

  it('is cut: its explanation at 1,000 characters, and what is no command at 50,000', async () => {
    const letter = await bury({ body: 'x '.repeat(40_000) }, { code: 'x', text: 'y '.repeat(1_000) });
    expect(letter.attributes['explanation']).toHaveLength(1_000);
    expect(letter.body).toHaveLength(50_000);
  });

  it('of nothing says so', async () => {
    expect((await bury({ body: '' })).body).toBe('(empty)');
  });
});

describe('a command in a dead letter', () => {
  it('can be redriven as it was', async () => {
    const said = { reason: 'fraud', note: 'n', actor: 'ana', idempotencyKey: 'k-1' };
    expect(await buryCommand({ ...COMMAND, ...said })).toEqual({ ...COMMAND, ...said });
    const batch = { id: 'b1', dryRun: true };
    expect(await buryCommand({ batch, ...COMMAND, note: 'n' })).toEqual({ batch, ...COMMAND, note: 'n' });
    const event = { id: 'e1', 'detail-type': 'OrderCancellationRequested', source: 'shop', detail: COMMAND };
    expect(await buryCommand(event)).toEqual({ ...event, source: 'redrive' });
  });

  it('has nothing personal', async () => {
    const note = `${MAIL} ${'n'.repeat(480)}`;
    expect(await buryCommand({ ...COMMAND, note, actor: MAIL })).toEqual({
      ...COMMAND,
      note: `[redacted] ${'n'.repeat(480)}`,
      actor: '[redacted]',
    });
    expect(await buryCommand({ connection: MAIL, orderId: '1' })).toEqual({ connection: '[redacted]', orderId: '1' });
    const digest = await buryCommand({ ...COMMAND, idempotencyKey: MAIL });
    expect(digest['idempotencyKey']).toMatch(/^[\w-]{43}$/);
    expect(await buryCommand({ ...COMMAND, idempotencyKey: MAIL })).toEqual(digest);
  });

  it('has its note and its actor cut, where what is struck out made them longer', async () => {
    const mail = 'a@b.io ';
    const { note, actor } = await buryCommand({ ...COMMAND, note: mail.repeat(70), actor: mail.repeat(14) });
    expect([note, actor].map((text) => String(text).length)).toEqual([500, 100]);
  });

  it.each([
    ['11987654321', UNKNOWN, '11987654321'],
    // Of a connection that is not known, nobody looked at the order id.
    [MAIL, UNKNOWN, '[redacted]'],
    ['order_01HX', UNKNOWN, 'order_01HX'],
    ['11987654321', { code: 'invalid-order-id', text: '' }, '11987654321'],
    ['1'.repeat(18), { code: 'invalid-order-id', text: '' }, '1'.repeat(18)],
    [MAIL, { code: 'invalid-order-id', text: '' }, '[redacted]'],
    [`1 ${MAIL}`, { code: 'invalid-order-id', text: '' }, '1 [redacted]'],
    [`${MAIL} 1`, { code: 'invalid-order-id', text: '' }, '[redacted] 1'],
  ])('keeps the order id %s, for %j, as %s', async (orderId, reason, expected) => {
    expect((await buryCommand({ ...COMMAND, orderId }, reason))['orderId']).toBe(expected);
  });
});

describe('what is no command in a dead letter', () => {
  const bodyOf = async (body: string) => (await bury({ body })).body;

  it('stays as it was where it says only what commands say', async () => {
    const members = { reason: 'x', note: 'n', actor: 'a', idempotencyKey: 'k', batch: { id: 'b', dryRun: true } };
    const command = JSON.stringify({ ...COMMAND, ...members }, null, 2);
    expect(await bodyOf(command)).toBe(command);
    const rest = { version: '0', account: '1', time: 't', region: 'r', resources: ['x'], detail: [{ orderId: 340 }] };
    const event = JSON.stringify({ id: 'e', 'detail-type': 'x', source: 's', ...rest });
    expect(await bodyOf(event)).toBe(event);
  });

  it('loses what a member holds that no command has, wherever it stands', async () => {
    const body = { ...COMMAND, name: 'Ana', detail: { street: ['Rua Azul'], orderId: '7' } };
    expect(JSON.parse(await bodyOf(JSON.stringify(body)))).toEqual({
      ...COMMAND,
      name: '[left out]',
      detail: { street: '[left out]', orderId: '7' },
    });
    expect(JSON.parse(JSON.parse(await bodyOf(JSON.stringify(JSON.stringify(body)))) as string)).toMatchObject({
      name: '[left out]',
    });
    expect(await bodyOf(`{"a":`.repeat(20_000))).toBe('[left out]');
  });

  it('keeps what stands in a list, and nothing whose name only has a number in it', async () => {
    const body = { batch: Array.from({ length: 12 }, (_, at) => at), '1a': 'Ana', a1: 'Ana' };
    expect(JSON.parse(await bodyOf(JSON.stringify(body)))).toEqual({ ...body, '1a': '[left out]', a1: '[left out]' });
  });

  it.each([
    '{"orderId" : 11987654321 , "note":1}',
    '{"orderId":11987654321\n}',
    '{"a":{"orderId"\t:\t"11987654321" }}',
  ])('keeps the id of an order among white space: %j', async (body) => {
    const kept = await bodyOf(body.replace('"a"', '"detail"'));
    expect(kept).toContain('11987654321');
  });

  it('keeps a number of an order to its last digit, and says of one that is no number that it is left out', async () => {
    expect(await bodyOf('{"orderId":123456789012345678,"x":1}')).toBe(
      '{"orderId":"123456789012345678","x":"[left out]"}',
    );
    expect(await bodyOf('{"orderId":12345,"x":1}')).toBe('{"orderId":12345,"x":"[left out]"}');
    expect(await bodyOf('{"orderId":1.5,"x":1}')).toBe('{"orderId":"1.5","x":"[left out]"}');
  });

  it('stays JSON where a number in it is struck out, and is one text where it would not', async () => {
    expect(await bodyOf('{"note": 11987654321, "batch": [11987654321 , 1]}')).toBe(
      '{"note": "[redacted]", "batch": ["[redacted]" , 1]}',
    );
    const noted = await bodyOf('{"11987654321":1,"note":11987654321}');
    expect(() => void JSON.parse(noted)).not.toThrow();
    expect(noted).not.toContain('11987654321');
    expect(await bodyOf(`nota: ${MAIL}`)).toBe('nota: [redacted]');
  });
});

describe('a command that can never work', () => {
  it.each<[unknown, Reason | null]>([
    [new InvalidCommand('x: is missing'), { code: 'invalid-command', text: 'x: is missing' }],
    [
      new UnknownConnection('loja-sul'),
      {
        code: 'unknown-connection',
        text: 'There is no connection of this name. Declare it, then redrive the message.',
      },
    ],
    [
      AccountTurnedAway.byHolder('loja-sul', 'loja-rio', true),
      {
        code: 'connection-turned-away',
        text: expect.stringContaining('loja-rio') as unknown as string,
        textForCallers:
          'The connection loja-sul is not used: its account has another name already, and an account has one name only.',
      },
    ],
    [new InvalidOrderId('must be digits'), { code: 'invalid-order-id', text: 'must be digits' }],
    [
      new NotSupportedByProvider(),
      { code: 'not-supported-by-provider', text: 'The provider of this connection cannot do this at all.' },
    ],
    [
      new IdempotencyKeyReused(),
      { code: 'idempotency-key-reused', text: 'The idempotency key was used before, for another command.' },
    ],
    [new OrderWasDeleted(CONFIRMED), { code: 'order-was-deleted', text: 'The order was deleted for good.' }],
    [new Error('throttled'), null],
    ['a text', null],
  ])('says why: %s', (error, reason) => {
    expect(deadReasonOf(error)).toEqual(reason);
  });
});

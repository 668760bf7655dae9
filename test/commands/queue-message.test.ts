import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { InvalidCommand } from '../../functions/commands/errors.ts';
import { parsed, queuedCommandOf } from '../../functions/commands/queue-message.ts';
import { nested } from '../support/nested.ts';

const COMMAND = { connection: 'loja-rio', orderId: '340' };
const EVENT = { id: 'e1', 'detail-type': 'OrderCancellationRequested', source: 'shop', detail: COMMAND };
const ENTRY = { batch: { id: 'b1', dryRun: true }, ...COMMAND };
const read = (body: unknown) => queuedCommandOf(JSON.stringify(body), 'm1');
const said = { reason: 'fraud', note: 'n', actor: 'ana' };

describe('a message of the command queue', () => {
  it.each([
    ['a command', { ...COMMAND, ...said, idempotencyKey: 'k' }, 'queue', 'm1', null],
    ['an event', { ...EVENT, detail: { ...COMMAND, ...said, idempotencyKey: 'k' } }, 'event', 'e1', null],
    ['an order of a batch', { ...ENTRY, ...said }, 'batch', 'b1:340', { id: 'b1', dryRun: true }],
  ])('is %s', (_, body, trigger, identity, batch) => {
    const { command, delivery, batch: of } = read(body);
    expect(command).toMatchObject({ ...COMMAND, ...said });
    expect(delivery).toEqual({ trigger, identity });
    expect(of).toEqual(batch);
  });

  it.each([
    ['{', 'The command is not JSON.'],
    ['', 'The command is not JSON.'],
    [nested(20_000), 'The command is nested too deep.'],
    ['null', 'the command: must be an object'],
    ['["detail-type","batch"]', 'the command: must be an object'],
    ['"batch"', 'the command: must be an object'],
    ['{}', 'connection: is missing; orderId: is missing'],
    [JSON.stringify({ ...COMMAND, orderId: 340 }), 'orderId: must be a text'],
    [JSON.stringify({ ...COMMAND, secret: 'value' }), 'there is a field that is not known here'],
    [JSON.stringify({ ...EVENT, id: '' }), 'id: must not be empty'],
    [JSON.stringify({ ...EVENT, source: undefined }), 'source: is missing'],
    [JSON.stringify({ ...EVENT, 'detail-type': 'Other' }), 'detail-type: must be one of OrderCancellationRequested'],
    [JSON.stringify({ ...EVENT, detail: { ...COMMAND, a: 1 } }), 'there is a field that is not known here'],
    [JSON.stringify({ ...EVENT, detail: {} }), 'detail.connection: is missing; detail.orderId: is missing'],
    [JSON.stringify({ ...ENTRY, batch: { id: 'b1' } }), 'batch.dryRun: is missing'],
    [JSON.stringify({ ...ENTRY, batch: { id: 'b1', dryRun: true, a: 1 } }), 'there is a field that is not known here'],
    [JSON.stringify({ ...ENTRY, idempotencyKey: 'k' }), 'there is a field that is not known here'],
    [JSON.stringify({ ...ENTRY, reason: 'mood' }), /^reason: must be one of customer, /],
    [JSON.stringify({ ...COMMAND, note: 'n'.repeat(501) }), 'note: is too long'],
    [JSON.stringify({ ...COMMAND, actor: 'n'.repeat(101) }), 'actor: is too long'],
    [JSON.stringify({ ...COMMAND, connection: 'c'.repeat(101) }), 'connection: is too long'],
    [JSON.stringify({ ...COMMAND, orderId: '1'.repeat(201) }), 'orderId: is too long'],
    [
      JSON.stringify({ ...COMMAND, idempotencyKey: '' }),
      'idempotencyKey: must be 1 to 255 characters, none of them a control character, and not only white space',
    ],
  ])('is none in %s', (body, problem) => {
    expect(() => queuedCommandOf(body, 'm1')).toThrow(expect.objectContaining({ name: 'InvalidCommand' }));
    expect(() => queuedCommandOf(body, 'm1')).toThrow(problem);
    if (typeof problem === 'string') expect(() => queuedCommandOf(body, 'm1')).toThrow(new Error(problem));
  });

  it('names ten of its problems at most', () => {
    const schema = z.object(Object.fromEntries(Array.from({ length: 12 }, (_, field) => [`f${field}`, z.string()])));
    const problems = Array.from({ length: 10 }, (_, field) => `f${field}: is missing`);
    expect(() => parsed(schema, {})).toThrow(new InvalidCommand(problems.join('; ')));
  });

  it('may be as long as is allowed', () => {
    const longest = { note: 'n'.repeat(500), actor: 'a'.repeat(100), idempotencyKey: 'k'.repeat(255) };
    const command = { connection: 'c'.repeat(100), orderId: '1'.repeat(200), ...longest };
    expect(read(command).command).toEqual(command);
  });
});

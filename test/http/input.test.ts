import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { InvalidInput } from '../../functions/http/errors.ts';
import { parseInput } from '../../functions/http/input.ts';
import { parsed } from '../../functions/commands/queue-message.ts';

const schema = z.strictObject({
  orderIds: z.array(z.string()),
  limit: z.optional(z.int().min(1).max(100)),
  dryRun: z.optional(z.boolean()),
});
const wrong = (value: unknown) => {
  try {
    parseInput(schema, value, 'body');
    return [];
  } catch (error) {
    return error instanceof InvalidInput ? error.errors : error;
  }
};

describe('what is wrong with an input', () => {
  it.each([
    [{}, 'orderIds', 'is missing'],
    [{ orderIds: 'x' }, 'orderIds', 'must be a list'],
    [{ orderIds: [7] }, 'orderIds.0', 'must be a text'],
    [{ orderIds: [], limit: 0 }, 'limit', 'must be at least 1'],
    [{ orderIds: [], dryRun: 'yes' }, 'dryRun', 'must be true or false'],
    [undefined, 'body', 'is missing'],
    [[], 'body', 'must be an object'],
  ])('of %j is said in plain words', (value, field, message) => {
    expect(wrong(value)).toEqual([{ field, message }]);
  });

  it('is said of the first twenty fields', () => {
    const fields = wrong({ orderIds: Array.from({ length: 30 }, () => 7) });
    expect(fields).toEqual(Array.from({ length: 20 }, (_, at) => expect.objectContaining({ field: `orderIds.${at}` })));
  });

  it.each([
    ['a'.repeat(64), 'a'.repeat(64)],
    ['a'.repeat(65), 'body'],
    ['note.text-2', 'note.text-2'],
    ['2notes', 'body'],
    ['a note', 'body'],
    ['', 'body'],
  ])('of a field that is not known names it where it is a plain name: %j as %j', (name, field) => {
    const message = field === name ? 'is not known here' : 'has a field that is not known here';
    expect(wrong({ orderIds: [], [name]: 1 })).toEqual([{ field, message }]);
  });

  it('is said in the same words of a queued command', () => {
    expect(() => parsed(schema, {})).toThrow('orderIds: is missing');
    expect(() => parsed(schema, [])).toThrow('the command: must be an object');
  });
});

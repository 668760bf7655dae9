import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { listed, plainWords, problemsOf } from '../../functions/runtime/schema-problems.ts';

const schema = z.strictObject({
  list: z.array(z.string()).min(1).max(2),
  flag: z.boolean(),
  whole: z.int().min(1).max(9),
  part: z.number().max(0.5),
  names: z.record(z.string().max(3), z.object({})),
  text: z.string().max(3),
  word: z.enum(['a', 'b']),
  kind: z.discriminatedUnion('kind', [z.object({ kind: z.literal('x') }), z.object({ kind: z.literal('y') })]),
  either: z.union([z.date(), z.number()]),
  own: z.string().regex(/^a/, 'must begin with a'),
});
const RIGHT = {
  ...{ list: ['a'], flag: true, whole: 1, part: 0, names: {}, text: 'abc', word: 'a', kind: { kind: 'x' }, either: 1 },
  own: 'a',
};
const wrong = (changes: object, name: string | null = null) => {
  const { error } = schema.safeParse({ ...RIGHT, ...changes }, { error: plainWords });
  return error === undefined ? [] : problemsOf(name, error);
};

describe('what a schema finds wrong', () => {
  it.each([
    [{}, []],
    [{ list: undefined, flag: undefined }, ['list: is missing', 'flag: is missing']],
    [{ list: 'a' }, ['list: must be a list']],
    [{ list: [] }, ['list: must not be empty']],
    [{ list: ['a', 'b', 'c'] }, ['list: is too long']],
    [{ list: [1] }, ['list.0: must be a text']],
    [{ flag: 1 }, ['flag: must be true or false']],
    [{ whole: 1.5 }, ['whole: must be a whole number']],
    [{ whole: 'x' }, ['whole: must be a number']],
    [{ whole: 0 }, ['whole: must be at least 1']],
    [{ whole: 10 }, ['whole: must be at most 9']],
    [{ part: 0.6 }, ['part: must be at most 0.5']],
    [{ names: 7 }, ['names: must be an object']],
    [{ names: { abc: 1 } }, ['names.abc: must be an object']],
    [{ names: { abcd: {} } }, ['names.abcd: is too long']],
    [{ text: 'abcd' }, ['text: is too long']],
    [{ word: 'c' }, ['word: must be one of a, b']],
    [{ kind: { kind: 'z' } }, ['kind.kind: must be one of x, y']],
    [{ either: 'x' }, ['either: Invalid input']],
    [{ own: 'b' }, ['own: must begin with a']],
    [{ b: 1, c: 2 }, ['b: is not a field that is known here', 'c: is not a field that is known here']],
  ])('in %j is said in plain words', (changes, problems) => {
    expect(wrong(changes)).toEqual(problems);
    expect(wrong(changes, 'shop')).toEqual(problems.map((problem) => `shop.${problem}`));
  });

  it('as a whole is said of its name, where it has one', () => {
    const { error } = schema.safeParse([], { error: plainWords });
    if (error === undefined) throw new Error('It is not wrong.');
    expect([problemsOf('shop', error), problemsOf(null, error)]).toEqual([
      ['shop: must be an object'],
      ['must be an object'],
    ]);
  });

  it('stands in one line where it is one, and in a line each where it is more', () => {
    expect(listed('These cannot be used', ['a: is missing'])).toBe('These cannot be used: a: is missing');
    expect(listed('These cannot be used', ['a', 'b'])).toBe('These cannot be used:\n  a\n  b');
  });
});

import { describe, expect, it } from '@jest/globals';
import { JsonTooDeep } from '../../functions/runtime/errors.ts';
import { parseBoundedJson } from '../../functions/runtime/bounded-json.ts';
import { nested } from '../support/nested.ts';

describe('JSON that others wrote', () => {
  it.each([
    ['{"a": [1, {"b": null}]}', { a: [1, { b: null }] }],
    ['\uFEFF{"a": 1}', { a: 1 }],
    ['["\uFEFF"]', ['\uFEFF']],
    ['"text"', 'text'],
    [nested(100), JSON.parse(nested(100))],
    [JSON.stringify('['.repeat(200)), '['.repeat(200)],
    [JSON.stringify(`\\"${'{'.repeat(200)}"`), `\\"${'{'.repeat(200)}"`],
    [JSON.stringify(Array.from({ length: 200 }, () => [])), Array.from({ length: 200 }, () => [])],
  ])('is read: %s', (text, value) => {
    expect(parseBoundedJson(text)).toEqual(value);
  });

  it.each(['', '{', '\uFEFF', '\uFEFF\uFEFF{}', "{'a': 1}", '"[', ']'.repeat(300)])(
    'is none where it is %j',
    (text) => {
      expect(() => parseBoundedJson(text)).toThrow(SyntaxError);
    },
  );

  it.each([101, 20_000, 1_000_000])('is refused where it is nested %i deep, whole or cut off', (levels) => {
    expect(() => parseBoundedJson(nested(levels))).toThrow(JsonTooDeep);
    expect(() => parseBoundedJson('{"a":'.repeat(levels))).toThrow(JsonTooDeep);
  });
});

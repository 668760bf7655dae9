import { describe, expect, it } from '@jest/globals';
import { sqsText } from '../../functions/runtime/sqs-text.ts';

describe('a text for SQS', () => {
  it.each([
    ['letters, tabs, line ends and emoji as they are', 'não\t\r\n\u{1f622}', 'não\t\r\n\u{1f622}'],
    ['a control character escaped', 'a\u0000b\u001f', 'a\\u0000b\\u001f'],
    ['a noncharacter escaped', '\ufffe\uffff\ufffd', '\\ufffe\\uffff\ufffd'],
    ['half an emoji escaped', '\u{1f622}\ud83d', '\u{1f622}\\ud83d'],
  ])('has %s', (_, text, expected) => {
    expect(sqsText(text)).toBe(expected);
  });

  it('is the same JSON as before', () => {
    const value = { '\ufffe': ['\ud83d', '\u0000', '\\ufffe', 'é\uffff'] };
    expect(JSON.parse(sqsText(JSON.stringify(value)))).toEqual(value);
  });
});

import { expect, it } from '@jest/globals';
import { askFields } from '../../functions/operations/ask-fields.ts';

it('a note and an actor hold nothing that the database or the queue does not take', () => {
  expect(askFields.note.parse('a\ud83d \uffff😀')).toBe('a\ufffd \ufffd😀');
  expect(askFields.actor.parse('\ufffe\ude00')).toBe('\ufffd\ufffd');
});

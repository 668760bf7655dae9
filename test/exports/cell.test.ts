import { describe, expect, it } from '@jest/globals';
import { cellXml, STYLE } from '../../functions/exports/cell.ts';

it('a cell holds 32,767 characters, as many as Excel’s', () => {
  const heldOf = (length: number) => /<t>(x*)<\/t>/.exec(cellXml('A1', 'x'.repeat(length)))?.[1]?.length;
  expect([heldOf(32_767), heldOf(32_768)]).toEqual([32_767, 32_767]);
});

const styleOf = (text: string) => Number(/ s="(\d+)"/.exec(cellXml('A1', text))?.[1]);

describe('a text that a spreadsheet would take for a formula when somebody edits it', () => {
  const marks = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
  const before = ['', ' ', '   ', '\t', '\u00a0', '\u3000', '\ufeff', '\u2003', '\n', '\r\n '];
  it.each(marks.flatMap((mark) => before.map((blanks) => `${blanks}${mark}1+1`)))('is marked as text: %j', (text) => {
    expect(styleOf(text)).toBe(STYLE.formulaLikeText);
  });

  it.each(['\t1', '\r1', '\n1'])('may begin with what a reader takes away: %j', (text) => {
    expect(styleOf(text)).toBe(STYLE.formulaLikeText);
  });

  it.each(['1=1', 'a+b', "'=1", 'ana@example.com', '1-1', ' 1'])('is not %j', (text) => {
    expect(styleOf(text)).toBe(STYLE.text);
  });
});

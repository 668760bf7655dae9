import { describe, expect, it } from '@jest/globals';
import { cellXml, escapeXml, STYLE } from '../../functions/exports/cell.ts';

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

describe('a cell', () => {
  it.each([
    [null, ''],
    ['', ''],
    [7.5, '<c r="B7"><v>7.5</v></c>'],
    [-Infinity, '<c r="B7" s="3" t="inlineStr"><is><t>-Infinity</t></is></c>'],
    [NaN, '<c r="B7" s="2" t="inlineStr"><is><t>NaN</t></is></c>'],
    [new Date('1900-03-01T00:00:00Z'), '<c r="B7" s="4"><v>61</v></c>'],
    [
      new Date('1900-02-28T23:59:59.999Z'),
      '<c r="B7" s="2" t="inlineStr"><is><t>1900-02-28T23:59:59.999Z</t></is></c>',
    ],
    [new Date('2026-01-01T12:00:00Z'), '<c r="B7" s="4"><v>46023.5</v></c>'],
    [new Date('9999-12-31T23:59:59.999Z'), '<c r="B7" s="4"><v>2958465.9999999884</v></c>'],
    [
      new Date('+010000-01-01T00:00:00Z'),
      '<c r="B7" s="3" t="inlineStr"><is><t>+010000-01-01T00:00:00.000Z</t></is></c>',
    ],
    [new Date(NaN), '<c r="B7" s="2" t="inlineStr"><is><t>Invalid Date</t></is></c>'],
    ['a b', '<c r="B7" s="2" t="inlineStr"><is><t>a b</t></is></c>'],
    [' a', '<c r="B7" s="2" t="inlineStr"><is><t xml:space="preserve"> a</t></is></c>'],
    ['a ', '<c r="B7" s="2" t="inlineStr"><is><t xml:space="preserve">a </t></is></c>'],
  ])('of %j is %s', (value, xml) => {
    expect(cellXml('B7', value)).toBe(xml);
  });

  it('has the style that it is told', () => {
    expect(cellXml('A1', '=x', STYLE.header)).toBe('<c r="A1" s="1" t="inlineStr"><is><t>=x</t></is></c>');
    expect(cellXml('A1', NaN, STYLE.header)).toBe('<c r="A1" s="1" t="inlineStr"><is><t>NaN</t></is></c>');
    expect(cellXml('A1', new Date(NaN), STYLE.header)).toContain(' s="1" ');
  });
});

it.each([
  ['<b a="1">&</b>', '&lt;b a=&quot;1&quot;&gt;&amp;&lt;/b&gt;'],
  ['a\r\n\tb', 'a&#13;\n\tb'],
  ['\u0000\u0008\u000b\u000c\u000e\u001f', '_x0000__x0008__x000B__x000C__x000E__x001F_'],
  ['\ufffe\uffff', '_xFFFE__xFFFF_'],
  ['_x0041_ _xAbCd_ _x00g1_ _y0041_ _x0041', '_x005F_x0041_ _x005F_xAbCd_ _x00g1_ _y0041_ _x0041'],
  ['\ud83d! \ude00', '\ufffd! \ufffd'],
  ['\u007f\u00a0 é 😀', '\u007f\u00a0 é 😀'],
])('%j is written %j as XML', (text, xml) => {
  expect(escapeXml(text)).toBe(xml);
});

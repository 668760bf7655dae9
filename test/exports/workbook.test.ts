import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MOST_CHARACTERS } from '../../functions/exports/cell.ts';
import { workbook, type Row } from '../../functions/exports/workbook.ts';
import { bytesOf, READERS, readByHucre, type Reader } from './readers.ts';

const now = new Date('2026-11-26T10:00:00Z');
const TIME = new Date('2026-03-01T16:30:00.125Z');

/** What every reader has to give back as it is. */
const HOSTILE = [
  ...[
    '=1+1',
    '＝1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '＋1',
    '－1',
    '＠x',
    '=HYPERLINK("http://127.0.0.1")',
    '=cmd|"/c calc"!A1',
  ],
  ...['  =1+1', '\t=1+1', '\n=1+1', ' leading', 'trailing ', '\ttab', '\u00a0=1', '\u3000=1', "'=1+1", '   '],
  ...['9'.repeat(40), '0012', '1e5', '1.0', '2026-03-01', 'true', '#N/A', '12:30'],
  ...[
    '😀 👩‍👩‍👧 🇧🇷',
    'ação',
    '订单',
    '\u202egnp.exe',
    'e\u0301',
    'line\nbreak',
    ']]>',
    '<b>&amp;"\'</b>',
    '<!--',
    '&#61;1',
  ],
  ...['x'.repeat(MOST_CHARACTERS), `=${'1'.repeat(MOST_CHARACTERS - 1)}`, '😀'.repeat(16_383)],
];
const columns = ['Text', 'Number', 'Time'].map((header) => ({ header, widthCharacters: 20 }));
const rows = HOSTILE.map((text, at): Row => [text, at + 0.5, TIME]);

const columnOf = (sheet: { rows: { type: string; value: unknown }[][] } | undefined, column: number) =>
  (sheet?.rows ?? []).slice(1).map((row) => row[column]);
const ifThere = ({ isThere }: Reader) => (isThere ? it : it.skip);

describe.each(READERS)('a workbook opened by $name (if missing: $remedy)', (reader) => {
  ifThere(reader)('has the same texts, none of them a formula, and numbers and times as such', async () => {
    const [sheet] = await reader.read(await bytesOf(workbook([{ name: 'Orders', columns, pages: [rows] }], { now })));
    expect(sheet?.rows[0]).toEqual(columns.map(({ header }) => ({ type: 'text', value: header })));
    expect(columnOf(sheet, 0)).toEqual(HOSTILE.map((value) => ({ type: 'text', value })));
    expect(columnOf(sheet, 1)).toEqual(HOSTILE.map((_, at) => ({ type: 'number', value: at + 0.5 })));
    expect(columnOf(sheet, 2)).toEqual(HOSTILE.map(() => ({ type: 'time', value: TIME.toISOString() })));
  });

  ifThere(reader)('has every row of every sheet, in order, with filters over all of them', async () => {
    const page = (from: number) => Array.from({ length: 50 }, (_, at): Row => [`order ${from + at}`, from + at, null]);
    const sheets = await reader.read(
      await bytesOf(
        workbook(
          [
            { name: "Ana's <orders>", columns, pages: [page(0), [], page(50), page(100)] },
            { name: 'Empty', columns, pages: [] },
          ],
          { now, mostRows: 61 },
        ),
      ),
    );
    expect(
      sheets.map(({ name, rows: read, filter }) => [name, read.length, filter?.replace(/:A1$|^A1$/, 'A1')]),
    ).toEqual([
      ["Ana's <orders>", 61, 'A1:C61'],
      ["Ana's <orders> (2)", 61, 'A1:C61'],
      ["Ana's <orders> (3)", 31, 'A1:C31'],
      ['Empty', 1, 'A1:C1'],
    ]);
    expect(sheets.flatMap((sheet) => columnOf(sheet, 1).map((cell) => cell?.value))).toEqual(
      Array.from({ length: 150 }, (_, at) => at),
    );
    for (const sheet of sheets) expect(sheet.rows[0]?.[0]).toEqual({ type: 'text', value: 'Text' });
  });
});

describe('the readers', () => {
  it('are there where they are promised', () => {
    const promised = (process.env['READERS'] ?? 'hucre').split(',');
    const missing = READERS.filter(({ name, isThere }) => promised.includes(name) && !isThere);
    expect(missing.map(({ name, remedy }) => `${name} is missing: ${remedy}`)).toEqual([]);
  });
});

describe('a cell', () => {
  const readBack = async (cells: readonly Row[]) => {
    const [sheet] = await readByHucre(await bytesOf(workbook([{ name: 'S', columns, pages: [cells] }], { now })));
    return columnOf(sheet, 0);
  };

  it('gives back any text that there is, as text', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc
        .tuple(fc.constantFrom('=', ' =', '＝', '\t@', '\r', '_x0041_', '\u0000'), fc.string())
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 30 }), async (texts) => {
        expect(await readBack(texts.map((one) => [one]))).toEqual(texts.map((value) => ({ type: 'text', value })));
      }),
      { numRuns: 25 },
    );
  });

  it('is cut at the longest text that a cell can hold, never within an emoji', async () => {
    const read = await readBack([['x'.repeat(40_000)], [`${'x'.repeat(MOST_CHARACTERS - 1)}😀`]]);
    expect(read.map((cell) => String(cell?.value).length)).toEqual([MOST_CHARACTERS, MOST_CHARACTERS - 1]);
  });

  it('shows half an emoji as what it is not', async () => {
    expect(await readBack([['\ud83d!'], ['\ude00']])).toEqual([
      { type: 'text', value: '\ufffd!' },
      { type: 'text', value: '\ufffd' },
    ]);
  });

  it.each([
    [new Date(NaN), 'Invalid Date'],
    [new Date('1899-12-31T00:00:00Z'), '1899-12-31T00:00:00.000Z'],
    [Infinity, 'Infinity'],
    [NaN, 'NaN'],
  ])('is a text where %s is nothing that a spreadsheet has', async (value, text) => {
    expect(await readBack([[value]])).toEqual([{ type: 'text', value: text }]);
  });
});

describe('the stream', () => {
  it('asks for a page only as the file is taken, and for each once', async () => {
    let asked = 0;
    async function* pages() {
      for (let at = 0; at < 2_000; at += 1) {
        asked += 1;
        yield Array.from({ length: 10 }, (_, row): Row => [`${Math.sin(at * 10 + row)}`.repeat(10)]);
        await Promise.resolve();
      }
    }
    const stream = workbook([{ name: 'S', columns, pages: pages() }], { now });
    let pieces = 0;
    for await (const piece of stream) {
      pieces += piece.length > 0 ? 1 : 0;
      if (asked > 0) break;
    }
    expect(pieces).toBeGreaterThan(0);
    expect(asked).toBeLessThan(1_000);
  });

  it('fails as its rows fail', async () => {
    function* pages() {
      yield [['one']];
      throw new Error('the source broke');
    }
    await expect(bytesOf(workbook([{ name: 'S', columns, pages: pages() }], { now }))).rejects.toThrow(
      'the source broke',
    );
  });
});

import { cellXml, STYLE, type Cell } from './cell.ts';
import * as parts from './workbook-parts.ts';
import { zip, type ZipEntry } from './zip.ts';

export type Row = readonly Cell[];

export interface Sheet {
  /** 1 to 31 characters, without any of `[]:*?/\`. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** The rows in pages. They are read once, when the sheet is written. */
  readonly pages: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;
}

export interface Column {
  readonly header: string;
  readonly widthCharacters: number;
}

/** Excel's limit, including the header (Microsoft: "Excel specifications and limits"). */
const MOST_ROWS = 1_048_576;

/**
 * Creates an .xlsx file of these sheets, piece by piece, so that memory does not grow with the rows. Each sheet has a bold, frozen
 * header with filters. Rows beyond a sheet's limit continue on a further one, `Orders (2)`. Format: ECMA-376, transitional.
 */
export function workbook(
  sheets: readonly Sheet[],
  { now, mostRows = MOST_ROWS }: { now: Date; mostRows?: number },
): AsyncGenerator<Uint8Array> {
  return zip(entries(sheets, mostRows), now);
}

async function* entries(sheets: readonly Sheet[], mostRows: number): AsyncGenerator<ZipEntry> {
  yield { name: '_rels/.rels', text: [parts.ROOT_RELATIONS] };
  yield { name: 'xl/styles.xml', text: [parts.STYLES] };
  const written: parts.WrittenSheet[] = [];
  for (const { name, columns, pages } of sheets) {
    const rows = new RowReader(pages);
    for (let part = 1; part === 1 || (await rows.next()) !== null; part += 1) {
      const sheet = { name: part === 1 ? name : `${name} (${part})`, columns: columns.length, rows: 1 };
      written.push(sheet);
      yield { name: parts.sheetPath(written.length), text: sheetXml(columns, rows, sheet, mostRows) };
    }
  }
  yield { name: 'xl/workbook.xml', text: [parts.workbookXml(written)] };
  yield { name: 'xl/_rels/workbook.xml.rels', text: [parts.workbookRelations(written)] };
  yield { name: '[Content_Types].xml', text: [parts.contentTypes(written)] };
}

/** Writes as many of the rows as the sheet holds, and counts them into `sheet`. */
async function* sheetXml(
  columns: readonly Column[],
  rows: RowReader,
  sheet: { columns: number; rows: number },
  mostRows: number,
): AsyncGenerator<string> {
  const names = columns.map((_, index) => parts.columnName(index));
  const headers = columns.map(({ header }, index) => cellXml(`${names[index] ?? ''}1`, header, STYLE.header));
  yield `${parts.sheetHead(columns.map(({ widthCharacters }) => widthCharacters))}<row r="1">${headers.join('')}</row>`;
  for (let row = await rows.next(); row !== null && sheet.rows < mostRows; row = await rows.next()) {
    rows.take();
    sheet.rows += 1;
    yield rowXml(row, sheet.rows, names);
  }
  yield parts.sheetFoot(sheet);
}

function rowXml(row: Row, number: number, names: readonly string[]): string {
  let xml = `<row r="${number}">`;
  for (let index = 0; index < names.length; index += 1) {
    const value = row[index];
    if (value !== undefined && value !== null) xml += cellXml(`${names[index] ?? ''}${number}`, value);
  }
  return `${xml}</row>`;
}

/** Reads rows one after another from pages, and can show the next row before it is taken. */
class RowReader {
  readonly #pages: AsyncIterator<readonly Row[], undefined>;
  #page: readonly Row[] = [];
  #at = 0;
  #isEnd = false;

  constructor(pages: Sheet['pages']) {
    this.#pages = inTurn(pages);
  }

  /** Null after the last one. */
  async next(): Promise<Row | null> {
    while (this.#at >= this.#page.length && !this.#isEnd) {
      const next = await this.#pages.next();
      this.#isEnd = next.done === true;
      this.#page = next.done === true ? [] : next.value;
      this.#at = 0;
    }
    return this.#page[this.#at] ?? null;
  }

  take(): void {
    this.#at += 1;
  }
}

async function* inTurn(pages: Sheet['pages']): AsyncGenerator<readonly Row[], undefined> {
  for await (const page of pages) yield page;
}

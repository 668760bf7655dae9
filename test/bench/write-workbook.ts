import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeXlsxStream } from 'hucre/xlsx';
import type { Cell } from '../../functions/exports/cell.ts';
import { workbook } from '../../functions/exports/workbook.ts';

/** One sample of `npm run bench`, in a process of its own: `WRITER ROWS FILE`. Prints what it took as JSON. */
const [writer = '', rowCount = '', file = ''] = process.argv.slice(2);
const ROWS = Number(rowCount);
const COLUMNS = 38;
const ROWS_OF_A_PAGE = 50;
const TEXTS = ['Jakarta Selatan', 'Toko Jaya', 'Kemeja & celana', 'cancelled', 'JNE REG', 'Rua das Flores 12'];

/** Ids, names, amounts, times, notes (every fifth one missing) and numbers, in turn. */
function cell(row: number, column: number): Cell {
  switch (column % 6) {
    case 0:
      return String(10_000_000 + row * 7 + column);
    case 1:
      return TEXTS[(row + column) % TEXTS.length] ?? '';
    case 2:
      return ((row * column) % 1000) / 10;
    case 3:
      return new Date(1_760_000_000_000 + row * 60_000 + column);
    case 4:
      return row % 5 === 0 ? null : `note ${row} of ${column}`;
    default:
      return row * 3 + column;
  }
}

async function* pages(): AsyncGenerator<Cell[][]> {
  for (let from = 0; from < ROWS; from += ROWS_OF_A_PAGE) {
    yield Array.from({ length: Math.min(ROWS_OF_A_PAGE, ROWS - from) }, (_, at) =>
      Array.from({ length: COLUMNS }, (_unused, column) => cell(from + at, column)),
    );
    await Promise.resolve();
  }
}

async function* rows(): AsyncGenerator<Cell[]> {
  for await (const page of pages()) yield* page;
}

const headers = Array.from({ length: COLUMNS }, (_, column) => `Column ${column}`);
const streams: Record<string, () => Readable> = {
  countermand: () => {
    const columns = headers.map((header) => ({ header, widthCharacters: 16 }));
    return Readable.from(workbook([{ name: 'Orders', columns, pages: pages() }], { now: new Date() }));
  },
  hucre: () => {
    const columns = headers.map((header) => ({ header, width: 16 }));
    return Readable.from(writeXlsxStream(rows(), { name: 'Orders', columns, freezePane: { rows: 1 } }));
  },
};

const began = performance.now();
const output = createWriteStream(file);
await pipeline(streams[writer]?.() ?? Readable.from([]), output);
const sample = {
  seconds: (performance.now() - began) / 1000,
  cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
  fileMegabytes: output.bytesWritten / 1024 / 1024,
};
process.stdout.write(JSON.stringify(sample));

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, inflateRawSync } from 'node:zlib';
import { expect } from '@jest/globals';
import { readXlsx } from 'hucre/xlsx';
import * as z from 'zod';

/** What a reader that shares no code with the writer makes of a workbook. */
export interface ReadSheet {
  name: string;
  /** The header counted. */
  rows: ReadCell[][];
  filter: string | null;
}

export interface ReadCell {
  type: 'text' | 'number' | 'time' | 'empty' | 'formula';
  /** Times as RFC 3339 UTC. */
  value: string | number | null;
}

const run = promisify(execFile);

export async function bytesOf(workbook: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of workbook) pieces.push(piece);
  return Buffer.concat(pieces);
}

export async function readByHucre(bytes: Buffer): Promise<ReadSheet[]> {
  const { sheets } = await readXlsx(bytes);
  return sheets.map(({ name, rows, autoFilter, cells }) => ({
    name,
    filter: autoFilter?.range ?? null,
    rows: rows.map((row, at) =>
      row.map((value, column): ReadCell => {
        if (cells?.get(`${at},${column}`)?.formula !== undefined) return { type: 'formula', value: String(value) };
        if (value instanceof Date) return { type: 'time', value: value.toISOString() };
        if (typeof value === 'number') return { type: 'number', value };
        return typeof value === 'string' ? { type: 'text', value } : { type: 'empty', value: null };
      }),
    ),
  }));
}

const PYTHON = '/usr/bin/python3';
const OPENPYXL = `
import datetime, json, sys, openpyxl
def cell(c):
    if c.data_type == 'f': return {'type': 'formula', 'value': str(c.value)}
    if c.value is None: return {'type': 'empty', 'value': None}
    if isinstance(c.value, datetime.datetime): return {'type': 'time', 'value': c.value.isoformat(timespec='milliseconds') + 'Z'}
    return {'type': {'s': 'text', 'n': 'number'}[c.data_type], 'value': c.value}
book = openpyxl.load_workbook(sys.argv[1])
json.dump([{'name': s.title, 'filter': s.auto_filter.ref, 'rows': [[cell(c) for c in row] for row in s.iter_rows()]} for s in book], sys.stdout)
`;

const readSheets = z.array(
  z.object({
    name: z.string(),
    filter: z.nullable(z.string()),
    rows: z.array(
      z.array(
        z.object({
          type: z.enum(['text', 'number', 'time', 'empty', 'formula']),
          value: z.union([z.string(), z.number(), z.null()]),
        }),
      ),
    ),
  }),
);

async function readByOpenpyxl(bytes: Buffer): Promise<ReadSheet[]> {
  return inFile(bytes, async (file) => {
    const { stdout } = await run(PYTHON, ['-c', OPENPYXL, file], { maxBuffer: 1e9 });
    return readSheets.parse(JSON.parse(stdout));
  });
}

/** Opened and saved again by LibreOffice; what it saved is then read by hucre. */
async function readByLibreOffice(bytes: Buffer): Promise<ReadSheet[]> {
  return inFile(bytes, async (file, directory) => {
    const out = join(directory, 'saved');
    const profile = `-env:UserInstallation=file://${join(directory, 'profile')}`;
    await run('soffice', [profile, '--headless', '--convert-to', 'xlsx', '--outdir', out, file]);
    return readByHucre(await readFile(join(out, 'workbook.xlsx')));
  });
}

async function inFile<T>(bytes: Buffer, work: (file: string, directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'countermand-workbook-'));
  try {
    const file = join(directory, 'workbook.xlsx');
    await writeFile(file, bytes);
    return await work(file, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export interface Reader {
  readonly name: string;
  readonly isThere: boolean;
  /** What to do where it is not. */
  readonly remedy: string;
  readonly read: (bytes: Buffer) => Promise<ReadSheet[]>;
}

const hasOpenpyxl = await run(PYTHON, ['-c', 'import openpyxl']).then(
  () => true,
  () => false,
);
const hasLibreOffice = ['/usr/bin/soffice', '/usr/local/bin/soffice'].some((path) => existsSync(path));

/** hucre is there wherever the tests run; the others where the machine has them (`.ci/run` installs openpyxl). */
export const READERS: readonly Reader[] = [
  { name: 'hucre', isThere: true, remedy: 'npm ci', read: readByHucre },
  {
    name: 'openpyxl',
    isThere: hasOpenpyxl,
    remedy: 'apt-get update && apt-get install python3-openpyxl',
    read: readByOpenpyxl,
  },
  {
    name: 'LibreOffice',
    isThere: hasLibreOffice,
    remedy: 'apt-get update && apt-get install libreoffice-calc-nogui',
    read: readByLibreOffice,
  },
];

/** What the central directory of a zip archive and the headers of its files say, and the files themselves. */
export function filesOf(archive: Buffer) {
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  const [count, directoryBytes, directoryAt] = [
    archive.readUInt16LE(end + 10),
    archive.readUInt32LE(end + 12),
    archive.readUInt32LE(end + 16),
  ];
  expect([archive.readUInt16LE(end + 8), directoryAt + directoryBytes]).toEqual([count, end]);
  const files = [];
  let at = directoryAt;
  let fileEnd = 0;
  while (at < end) {
    expect(archive.readUInt32LE(at)).toBe(0x02014b50);
    const common = archive.subarray(at + 6, at + 16);
    const sums = archive.subarray(at + 16, at + 28);
    const [crc, deflatedBytes, bytes] = [0, 4, 8].map((offset) => sums.readUInt32LE(offset));
    const nameBytes = archive.readUInt16LE(at + 28);
    const name = archive.subarray(at + 46, at + 46 + nameBytes);
    const local = archive.readUInt32LE(at + 42);
    expect([local, archive.readUInt32LE(local), archive.readUInt16LE(local + 26)]).toEqual([
      fileEnd,
      0x04034b50,
      name.length,
    ]);
    // The sums follow the data, so the first header has none of them.
    expect(archive.subarray(local + 4, local + 26)).toEqual(Buffer.concat([common, Buffer.alloc(12)]));
    expect(archive.subarray(local + 30, local + 30 + nameBytes)).toEqual(name);
    const dataAt = local + 30 + nameBytes;
    const dataEnd = dataAt + (deflatedBytes ?? 0);
    expect(archive.readUInt32LE(dataEnd)).toBe(0x08074b50);
    expect(archive.subarray(dataEnd + 4, dataEnd + 16)).toEqual(sums);
    const data = inflateRawSync(archive.subarray(dataAt, dataEnd));
    expect([crc32(data), data.length]).toEqual([crc, bytes]);
    const [needed, flags, method, time, date] = [0, 2, 4, 6, 8].map((offset) => common.readUInt16LE(offset));
    files.push({
      name: String(name),
      text: String(data),
      madeBy: archive.readUInt16LE(at + 4),
      needed,
      flags,
      method,
      time,
      date,
    });
    at += 46 + nameBytes;
    fileEnd = dataEnd + 16;
  }
  expect([files.length, fileEnd]).toEqual([count, directoryAt]);
  return files;
}

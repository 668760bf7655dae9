import type { OperationView } from '../operations/rules/operation-view.ts';
import type { Cell } from './cell.ts';
import { csv } from './csv.ts';
import { workbook, type Column, type Row } from './workbook.ts';

/** Operations as they are exported. */
export interface OperationsToExport {
  readonly operations: readonly OperationView[];
  /** The IANA time zone of a connection. */
  readonly timeZoneOf: (connection: string) => string;
  /** The local time in a zone at a moment (epoch milliseconds), as text. */
  readonly localTimeAt: (ms: number, timeZone: string) => string;
  /** What the file shows and when it was read, for the sheet About. */
  readonly about: readonly (readonly [string, Cell])[];
  readonly readAt: Date;
}

/** The time zone of an operation's connection. */
interface Zone {
  readonly name: string;
  readonly localTime: (moment: string) => string;
}

interface OperationColumn extends Column {
  readonly cell: (operation: OperationView, zone: Zone) => Cell;
}

const COLUMNS: readonly OperationColumn[] = [
  { header: 'Operation', widthCharacters: 26, cell: ({ id }) => id },
  { header: 'Connection', widthCharacters: 18, cell: ({ connection }) => connection },
  { header: 'Provider', widthCharacters: 12, cell: ({ provider }) => provider },
  { header: 'Order id', widthCharacters: 16, cell: ({ orderId }) => orderId },
  { header: 'Kind', widthCharacters: 9, cell: ({ kind }) => kind },
  { header: 'Outcome', widthCharacters: 16, cell: ({ outcome }) => outcome },
  { header: 'Detail', widthCharacters: 22, cell: ({ detail }) => detail },
  { header: 'Reason', widthCharacters: 11, cell: ({ reason }) => reason },
  { header: 'Note', widthCharacters: 36, cell: ({ note }) => note },
  { header: 'Actor', widthCharacters: 20, cell: ({ actor }) => actor },
  { header: 'Trigger', widthCharacters: 10, cell: ({ trigger }) => trigger },
  { header: 'Requested at (UTC)', widthCharacters: 20, cell: ({ requestedAt }) => new Date(requestedAt) },
  {
    header: 'Requested at (local)',
    widthCharacters: 20,
    cell: ({ requestedAt }, zone) => zone.localTime(requestedAt),
  },
  { header: 'Settled at (UTC)', widthCharacters: 20, cell: ({ settledAt }) => settledAt && new Date(settledAt) },
  {
    header: 'Settled at (local)',
    widthCharacters: 20,
    cell: ({ settledAt }, zone) => settledAt && zone.localTime(settledAt),
  },
  { header: 'Time zone', widthCharacters: 20, cell: (_, zone) => zone.name },
  { header: 'Asked', widthCharacters: 8, cell: ({ attempts }) => attempts },
  { header: 'Evidence', widthCharacters: 12, cell: ({ evidence }) => evidence?.source ?? null },
  { header: 'Seen status', widthCharacters: 16, cell: ({ evidence }) => evidence?.status ?? null },
  { header: 'Seen at (UTC)', widthCharacters: 20, cell: ({ evidence }) => evidence && new Date(evidence.at) },
  { header: "Provider's words", widthCharacters: 40, cell: ({ words }) => words },
];

/** An .xlsx file with the sheets Operations and About. */
export function operationsWorkbook(ask: OperationsToExport): AsyncGenerator<Uint8Array> {
  const about = [
    { header: 'What', widthCharacters: 28 },
    { header: 'Value', widthCharacters: 60 },
  ];
  return workbook(
    [
      { name: 'Operations', columns: COLUMNS, pages: [rowsOf(ask)] },
      { name: 'About', columns: about, pages: [ask.about] },
    ],
    { now: ask.readAt },
  );
}

/** The same rows as CSV, with a header. */
export function operationsCsv(ask: OperationsToExport): string {
  return csv([COLUMNS.map(({ header }) => header), ...rowsOf(ask)]);
}

function rowsOf({ operations, timeZoneOf, localTimeAt }: OperationsToExport): Row[] {
  return operations.map((operation) => {
    const name = timeZoneOf(operation.connection);
    const zone = { name, localTime: (moment: string) => localTimeAt(Date.parse(moment), name) };
    return COLUMNS.map(({ cell }) => cell(operation, zone));
  });
}

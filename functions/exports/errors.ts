/** Thrown when an export has more orders than one may have, or its workbook would need more than a plain zip archive can hold. */
export class WorkbookTooLarge extends Error {
  override readonly name = 'WorkbookTooLarge';

  constructor() {
    super('The workbook would be too large. Ask for a shorter period.');
  }
}

/** Thrown when a job is kept by who no longer has it: its lease ran out, and another one took it up. Nothing was changed. */
export class ExportTakenOver extends Error {
  override readonly name = 'ExportTakenOver';
}

/** Thrown when a page of orders could not be read to its end, for a reason that may be over the next time. */
export class PageIncomplete extends Error {
  override readonly name = 'PageIncomplete';

  constructor({ connection, problem }: { connection: string; problem: string }) {
    super(`The orders of ${connection} could not be read: ${problem}.`);
  }
}

/** Thrown when an export has more orders than the limit, or its workbook needs more than a plain zip archive can hold. */
export class WorkbookTooLarge extends Error {
  override readonly name = 'WorkbookTooLarge';

  constructor() {
    super('The workbook would be too large. Ask for a shorter period.');
  }
}

/** Thrown when a process stores a job that it no longer has: its lease ran out and another process took the job. Nothing was changed. */
export class ExportTakenOver extends Error {
  override readonly name = 'ExportTakenOver';
}

/** Thrown when a page of orders could not be read to its end, for a reason that may pass. */
export class PageIncomplete extends Error {
  override readonly name = 'PageIncomplete';

  constructor({ connection, problem }: { connection: string; problem: string }) {
    super(`The orders of ${connection} could not be read: ${problem}.`);
  }
}

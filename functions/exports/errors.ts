/** Thrown when a workbook would need more than a plain zip archive can hold. */
export class WorkbookTooLarge extends Error {
  override readonly name = 'WorkbookTooLarge';

  constructor() {
    super('The workbook would be larger than 4 GiB. Ask for a shorter period.');
  }
}

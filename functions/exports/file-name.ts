export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** Returns the `content-disposition` for a file name of letters, digits, dots and hyphens. */
export function attachment(fileName: string): string {
  return `attachment; filename="${fileName}"`;
}

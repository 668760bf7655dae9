export const EXPORT_STATES = ['reading', 'writing', 'finished', 'failed'] as const;

/** Why an export failed: no attempt made progress, it took longer than a day, or a workbook cannot hold it. */
export const EXPORT_PROBLEMS = ['gave_up', 'took_too_long', 'too_large'] as const;
export type ExportProblem = (typeof EXPORT_PROBLEMS)[number];

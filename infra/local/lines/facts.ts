import * as z from 'zod';

/** An operation's id; its connection is captured. */
export const OPERATION_ID = /^([a-z0-9][a-z0-9-]{0,62}):\d{1,18}:[1-9]\d{0,8}$/;

const code = z.string().regex(/^[a-z][a-z_]{0,40}$/);

/** What lines tell of an operation: its id and our own codes, nothing that somebody wrote. */
export const operationSchema = z.object({
  id: z.string().regex(OPERATION_ID),
  outcome: code,
  detail: code,
});
export type ToldOperation = z.infer<typeof operationSchema>;
export const codeSchema = code;

/** Where a person looks on. */
export interface Places {
  readonly functionLog: string;
  /** Credentials are read from here. */
  readonly connectionsFile: string;
}

/** What follows the detail where a person has to act. */
export function adviceOn({ id, outcome }: Pick<ToldOperation, 'id' | 'outcome'>): string {
  return outcome === 'needs_attention' ? `: a person has to look. GET /v1/operations/${id} shows why.` : '';
}

/** The numbers of a report that are not 0, by their names. */
export function countsIn(report: object): string[] {
  return Object.entries(report).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'number' && value !== 0
      ? [`${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${value}`]
      : [],
  );
}

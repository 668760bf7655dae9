import * as z from 'zod';
import type { LineFile } from '../../line-file.ts';

/** Step Functions' side of waiting tasks. There is no state machine on this machine, so the answers that it would receive are written to a file. */
export interface LocalTasks {
  record(action: 'SendTaskSuccess' | 'SendTaskFailure', request: unknown): void;
}

const requestSchema = z.object({
  taskToken: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});

export function createTasks(file: Pick<LineFile, 'append'>): LocalTasks {
  return {
    record(action, request) {
      file.append(JSON.stringify({ action, ...requestSchema.parse(request) }));
    },
  };
}

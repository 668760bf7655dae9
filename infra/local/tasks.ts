import { appendFile } from 'node:fs/promises';
import * as z from 'zod';

/** Step Functions' side of waiting tasks: there is no state machine on this machine, so what it would be told is written down. */
export interface LocalTasks {
  record(action: 'SendTaskSuccess' | 'SendTaskFailure', request: unknown): Promise<void>;
}

const requestSchema = z.object({
  taskToken: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});

export function createTasks(file: string): LocalTasks {
  return {
    async record(action, request) {
      const line = { action, ...requestSchema.parse(request) };
      await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    },
  };
}

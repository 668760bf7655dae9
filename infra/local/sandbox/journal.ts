import { existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { openLineFile } from '../../line-file.ts';

const at = z.number();
const orderId = z.string();

/** Everything that can happen to a sandbox. Its state is the fold of these events. Times are epoch milliseconds. */
const eventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('asked'), orderId, credential: z.string(), at }),
  /** The order really was cancelled, restored or deleted: an effect. */
  z.object({ event: z.literal('cancelled'), orderId, at }),
  z.object({ event: z.literal('restored'), orderId, at }),
  z.object({ event: z.literal('deleted'), orderId, at }),
  z.object({ event: z.literal('deciding'), orderId, at }),
  /** The customer paid for the order. */
  z.object({ event: z.literal('paid'), orderId, at }),
  z.object({ event: z.literal('rejected'), orderId, at }),
  z.object({
    event: z.literal('planned'),
    orderId,
    then: z.enum(['cancelled', 'restored', 'deleted', 'rejected']),
    at,
  }),
  z.object({ event: z.literal('behaviour_set'), orderId, behaviour: z.nullable(z.string()), at }),
  z.object({ event: z.literal('credential_changed'), credential: z.string(), at }),
]);

export type SandboxEvent = z.infer<typeof eventSchema>;

export interface Journal {
  readonly earlier: readonly SandboxEvent[];
  /** Returns once the event is with the operating system, so that it outlives this process. If the disk is full, behaves like a `LineFile`. */
  append(event: SandboxEvent): void;
}

/** Opens a journal of one JSON line per event in `file`; null keeps it in memory only. A line that a kill cut in half is dropped. */
export function openJournal(file: string | null, complain: (line: string) => void): Journal {
  if (file === null) return { earlier: [], append: () => undefined };
  mkdirSync(dirname(file), { recursive: true });
  const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const wholeBytes = content.lastIndexOf('\n') + 1;
  if (wholeBytes < content.length) truncateSync(file, wholeBytes);
  const lines = content.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1);
  const journal = openLineFile(file, { complain });
  return {
    earlier: lines.map((line) => eventSchema.parse(JSON.parse(line))),
    append: (event) => {
      journal.append(JSON.stringify(event));
    },
  };
}

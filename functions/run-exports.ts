import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { exportPartsFor } from './assembly/export-parts.ts';
import { hasTimeForAStep, runExport, type ExportNeeds } from './exports/run-export.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface RunExportsNeeds extends ExportNeeds {
  readonly log: InvocationLogger;
}

/** Works on open exports, the longest waiting first, while there is time. The rest waits for the next run or for a parallel one. */
export async function runExports(needs: RunExportsNeeds, remainingMs: () => number): Promise<{ workedOn: number }> {
  const seen = new Set<string>();
  let workedOn = 0;
  for (;;) {
    const due = (await needs.jobs.due()).filter((exportId) => !seen.has(exportId));
    if (due.length === 0) return { workedOn };
    for (const exportId of due) {
      if (!hasTimeForAStep(remainingMs)) return { workedOn };
      seen.add(exportId);
      if (await runExport(exportId, needs, remainingMs)) workedOn += 1;
    }
  }
}

export function newHandler(needs: RunExportsNeeds) {
  return eventChain({
    event: z.unknown(),
    log: needs.log,
    handle: (_, { remainingMs }) => runExports(needs, remainingMs),
  });
}

export const handler = onColdStart(() => {
  const { running } = exportPartsFor('run-exports');
  return newHandler(running());
});

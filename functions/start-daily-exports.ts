import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { exportPartsFor } from './assembly/export-parts.ts';
import { newExportJob } from './exports/export-job.ts';
import type { ExportJobs } from './exports/export-jobs.ts';
import type { Connections } from './providers/connections.ts';
import { addDays, dateAt } from './providers/time-zone.ts';
import type { Clock } from './runtime/clock.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface StartDailyExportsNeeds {
  readonly connections: Pick<Connections, 'names' | 'get'>;
  readonly jobs: Pick<ExportJobs, 'create'>;
  readonly clock: Clock;
  readonly log: InvocationLogger;
}

/** How many past days are checked, so that a day missed by an outage or by a failed export is exported later. */
const DAYS = 3;

/**
 * Starts the export of each connection's previous day, in its own time zone, once. It runs every hour, because a day ends at another time
 * in each zone. It leaves an export alone that was started already, so further runs change nothing.
 */
export async function startDailyExports(needs: StartDailyExportsNeeds): Promise<{ started: string[] }> {
  const { connections, jobs, clock, log } = needs;
  const started: string[] = [];
  for (const name of connections.names()) {
    const today = dateAt(clock.now(), connections.get(name).timeZone);
    for (let days = 1; days <= DAYS; days += 1) {
      const date = addDays(today, -days);
      const ask = {
        exportId: `daily-${name}-${date}`,
        owner: null,
        query: { connections: [name], type: null, from: date, to: date, includeCustomer: false },
        fileName: `cancelled-orders-${name}-${date}.xlsx`,
        fileKey: `daily/${name}/${date}.xlsx`,
      };
      if ((await jobs.create(newExportJob(ask, clock.now()), 'failed')) === null) continue;
      log.info('EXPORT_STARTED', { exportId: ask.exportId });
      started.push(ask.exportId);
    }
  }
  return { started };
}

export function newHandler(needs: StartDailyExportsNeeds) {
  return eventChain({
    event: z.unknown(),
    log: needs.log,
    handle: () => startDailyExports(needs),
  });
}

export const handler = onColdStart(() => {
  const { connections, jobs, clock, log } = exportPartsFor('start-daily-exports');
  return newHandler({ connections: connections(), jobs: jobs(), clock, log: log() });
});

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PSEUDO_PARAMETERS } from '../template/intrinsics.ts';
import type { LocalSchedule } from '../template/template.ts';

export interface RunningSchedules {
  close(): void;
}

/** A schedule as rare as this does not run right after the start: nobody starts a stack for it. */
const SELDOM_MS = 3_600_000;

/**
 * Invokes each schedule's function at its interval, and never while its last run still goes on. The first run is at once or, for a rare
 * schedule, after one interval.
 */
export function startSchedules(
  schedules: readonly LocalSchedule[],
  invoke: (functionName: string, event: unknown) => Promise<unknown>,
): RunningSchedules {
  const stop = new AbortController();
  for (const schedule of schedules) {
    run(schedule, invoke, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
  }
  return {
    close() {
      stop.abort();
    },
  };
}

async function run(
  schedule: LocalSchedule,
  invoke: (functionName: string, event: unknown) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  if (schedule.everyMs >= SELDOM_MS) await sleep(schedule.everyMs, undefined, { signal });
  while (!signal.aborted) {
    const next = Date.now() + schedule.everyMs;
    await invoke(schedule.functionName, scheduledEvent(schedule.arn, new Date()));
    await sleep(Math.max(0, next - Date.now()), undefined, { signal });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html */
function scheduledEvent(ruleArn: string, at: Date) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: PSEUDO_PARAMETERS['AWS::AccountId'],
    time: at.toISOString().replace(/\.\d+Z$/, 'Z'),
    region: PSEUDO_PARAMETERS['AWS::Region'],
    resources: [ruleArn],
    detail: {},
  };
}

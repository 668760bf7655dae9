import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../functions/runtime/clock.ts';

/** Time that passes only while everybody waits for it: a day is over as soon as its work is done. */
export interface VirtualTime {
  readonly clock: Clock;
  /** Runs `work` to its end, moving the clock whenever nothing but time is waited for. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Real requests of this client are waited for before the clock moves. Returns how many of each command were sent. */
  watch(dynamodb: DynamoDBClient): Map<string, number>;
}

export function virtualTime(startAt: string, random: () => number = () => 0.5): VirtualTime {
  let now = Date.parse(startAt);
  let underWay = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  /** Once around the event loop: whatever could go on without time has gone on. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  return {
    clock: {
      now: () => now,
      random,
      sleep: (ms) =>
        new Promise((wake) => {
          sleepers.push({ at: now + Math.max(0, ms), wake });
        }),
    },
    async run(work) {
      let isOver = false;
      const result = work().finally(() => (isOver = true));
      // Its failure is looked at below.
      result.catch(() => undefined);
      const isRunning = () => !isOver;
      while (isRunning()) {
        await settled();
        if (underWay > 0 || !isRunning()) continue;
        const first = sleepers.reduce<number>((least, { at }) => Math.min(least, at), Infinity);
        if (first === Infinity) throw new Error('Everybody waits, and nobody for time to pass.');
        now = Math.max(now, first);
        for (const { wake } of sleepers.splice(0).filter(keepLater)) wake();
      }
      return result;

      function keepLater(sleeper: { at: number; wake: () => void }): boolean {
        if (sleeper.at <= now) return true;
        sleepers.push(sleeper);
        return false;
      }
    },
    watch(dynamodb) {
      const sent = new Map<string, number>();
      dynamodb.middlewareStack.add(
        (next, context) => async (args) => {
          const command = String(context['commandName']).replace('Command', '');
          sent.set(command, (sent.get(command) ?? 0) + 1);
          underWay += 1;
          try {
            return await next(args);
          } finally {
            underWay -= 1;
          }
        },
        { step: 'initialize', name: 'watched by virtual time', override: true },
      );
      return sent;
    },
  };
}

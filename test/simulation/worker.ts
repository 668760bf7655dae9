import { parentPort } from 'node:worker_threads';
import * as z from 'zod';
import { tallyOf, type Tally } from './history.ts';
import { LEVELS } from './plan.ts';
import { simulate } from './simulate.ts';

/** Some seeds in a row, and what came of them. */
export interface Batch {
  readonly seeds: number;
  readonly tally: Tally;
  readonly touches: number;
  readonly failing: readonly number[];
}

const orderSchema = z.object({ from: z.int(), to: z.int(), level: z.enum(LEVELS) });
const sum: Tally = {
  asks: 0,
  faults: 0,
  deaths: 0,
  calls: 0,
  effects: 0,
  operations: 0,
  confirmed: 0,
  refused: 0,
  parked: 0,
  seen: 0,
};

/** Runs the seeds from `from` up to, but without, `to`. */
async function run(order: unknown): Promise<Batch> {
  const { from, to, level } = orderSchema.parse(order);
  const tally = { ...sum };
  const failing: number[] = [];
  let touches = 0;
  for (let seed = from; seed < to; seed += 1) {
    const one = await simulate(seed, level);
    const own = tallyOf(one.history);
    tally.asks += own.asks;
    tally.faults += own.faults;
    tally.deaths += own.deaths;
    tally.calls += own.calls;
    tally.effects += own.effects;
    tally.operations += own.operations;
    tally.confirmed += own.confirmed;
    tally.refused += own.refused;
    tally.parked += own.parked;
    tally.seen += own.seen;
    touches += one.touches;
    if (one.violations.length > 0) failing.push(seed);
  }
  return { seeds: to - from, tally, touches, failing };
}

// Errors are thrown by the thousand here, and nobody reads where they came from.
Error.stackTraceLimit = 0;
parentPort?.on('message', (order: unknown) => {
  void run(order).then((batch) => parentPort?.postMessage(batch));
});

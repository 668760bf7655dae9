import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { comparison } from './compare.ts';
import { readable } from './history.ts';
import { LEVELS, type Level } from './plan.ts';
import { report } from './shrink.ts';
import { simulate } from './simulate.ts';
import type { Batch } from './worker.ts';

const USAGE = `npm run simulate -- [--seeds N] [--from N] [--faults none|light|medium|heavy|all] [--workers N]
npm run simulate -- --seed N [--faults heavy]      one seed, its whole history
npm run simulate -- --compare [--seeds N]          the same runs with Powertools idempotency`;

const optionsSchema = z.object({
  seeds: z.coerce.number().int().min(1).default(10_000),
  from: z.coerce.number().int().min(0).default(0),
  faults: z.enum([...LEVELS, 'all']).default('heavy'),
  workers: z.coerce.number().int().min(1).default(availableParallelism()),
  seed: z.coerce.number().int().min(0).optional(),
  compare: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

const BATCH = 500;
const SHOWN_FAILURES = 3;
const PROGRESS_EVERY_MS = 2_000;

async function main(): Promise<number> {
  const text = { type: 'string' as const };
  const { values } = parseArgs({
    options: { seeds: text, from: text, faults: text, workers: text, seed: text, compare: { type: 'boolean' } },
  });
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) {
    process.stderr.write(`${z.prettifyError(parsed.error)}\n${USAGE}\n`);
    return 2;
  }
  const options = parsed.data;
  const levels = options.faults === 'all' ? LEVELS : [options.faults];
  if (options.compare) {
    process.stdout.write(`${await comparison(options.seeds)}\n`);
    return 0;
  }
  if (options.seed !== undefined) return showSeed(options.seed, levels[0]);

  const workers = Array.from({ length: options.workers }, () => new Worker(new URL('worker.ts', import.meta.url)));
  const rows: string[] = [];
  let failures = 0;
  for (const level of levels) {
    const total = await runLevel(level, options, workers);
    failures += total.failing.length;
    rows.push(rowOf(level, total));
    for (const seed of total.failing.slice(0, SHOWN_FAILURES)) {
      process.stdout.write(`\n${await report(await simulate(seed, level), `Seed ${seed} (${level} faults)`)}\n`);
    }
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  process.stdout.write(`\n${HEAD}\n${rows.join('\n')}\n`);
  return failures === 0 ? 0 : 1;
}

/** Ctrl-C ends the run after the batches under way, with the table of what was run. */
let isInterrupted = false;
process.once('SIGINT', () => {
  isInterrupted = true;
});

interface Total extends Batch {
  readonly seconds: number;
  readonly failing: number[];
}

async function runLevel(level: Level, { seeds, from }: Options, workers: readonly Worker[]): Promise<Total> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  const failing: number[] = [];
  const batches: Batch[] = [];
  const end = from + seeds;
  let next = from;
  let done = 0;
  let shownAt = 0;
  const work = async (worker: Worker): Promise<void> => {
    while (next < end && !isInterrupted) {
      const first = next;
      next = Math.min(end, first + BATCH);
      const batch = await answerOf(worker, { from: first, to: next, level });
      batches.push(batch);
      failing.push(...batch.failing);
      done += batch.seeds;
      if (performance.now() - shownAt < PROGRESS_EVERY_MS && done < seeds) continue;
      shownAt = performance.now();
      const rate = done / seconds();
      const left = Math.ceil((seeds - done) / rate);
      process.stderr.write(
        `${level}: ${done} of ${seeds} seeds, ${Math.round(rate)} a second, ${left} s to go, ${failing.length} violations\n`,
      );
    }
  };
  await Promise.all(workers.map(work));
  const sum = (of: (batch: Batch) => number) => batches.reduce((total, batch) => total + of(batch), 0);
  const tally = {
    asks: sum((batch) => batch.tally.asks),
    faults: sum((batch) => batch.tally.faults),
    deaths: sum((batch) => batch.tally.deaths),
    calls: sum((batch) => batch.tally.calls),
    effects: sum((batch) => batch.tally.effects),
    operations: sum((batch) => batch.tally.operations),
    confirmed: sum((batch) => batch.tally.confirmed),
    refused: sum((batch) => batch.tally.refused),
    parked: sum((batch) => batch.tally.parked),
    seen: sum((batch) => batch.tally.seen),
  };
  return {
    seeds: done,
    tally,
    touches: sum(({ touches }) => touches),
    failing: failing.sort((a, b) => a - b),
    seconds: seconds(),
  };
}

function answerOf(worker: Worker, order: { from: number; to: number; level: Level }): Promise<Batch> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (batch: Batch) => {
      worker.off('error', reject);
      resolve(batch);
    });
    worker.postMessage(order);
  });
}

const HEAD = [
  '| faults | seeds | asks of callers | faults that struck | functions that died | calls to providers | operations | confirmed | refused | parked | noted: made elsewhere | violations | seeds per second |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
].join('\n');

function rowOf(level: Level, { seeds, tally, failing, seconds }: Total): string {
  const { asks, faults, deaths, calls, operations, confirmed, refused, parked, seen } = tally;
  const numbers = [seeds, asks, faults, deaths, calls, operations, confirmed, refused, parked, seen, failing.length];
  const cells = [...numbers, Math.round(seeds / seconds)].map((number) => number.toLocaleString('en-US'));
  return `| ${[level, ...cells].join(' | ')} |`;
}

async function showSeed(seed: number, level: Level): Promise<number> {
  const run = await simulate(seed, level);
  process.stdout.write(`${readable(run.history.facts).join('\n')}\n`);
  if (run.violations.length === 0) return 0;
  process.stdout.write(`\n${await report(run, `Seed ${seed} (${level} faults)`)}\n`);
  return 1;
}

process.exitCode = await main();

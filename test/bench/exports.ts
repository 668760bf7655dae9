import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { build } from 'esbuild';
import * as z from 'zod';

/**
 * What `npm run bench` runs: our writer of workbooks beside hucre's, each sample in a fresh process of the code bundled as it is
 * deployed, both in every round in an order of chance; the medians count.
 */
const WRITERS = ['countermand', 'hucre'] as const;
const sampleSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakMegabytes: z.number(),
  fileMegabytes: z.number(),
});
type Sample = z.infer<typeof sampleSchema>;

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '9' } },
});
const rows = z.coerce.number().int().min(1).parse(values.rows);
const rounds = z.coerce.number().int().min(1).parse(values.rounds);
const directory = await mkdtemp(join(tmpdir(), 'countermand-bench-'));
try {
  const program = join(directory, 'write-workbook.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'write-workbook.ts')],
    outfile: program,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
  });
  say(`${rows} rows × 38 columns; Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? ''}`);
  const samples: Record<string, Sample[]> = { countermand: [], hucre: [] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const writer of WRITERS.toSorted(() => Math.random() - 0.5)) {
      const args = [program, writer, `${rows}`, join(directory, 'workbook.xlsx')];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const sample = sampleSchema.parse(JSON.parse(stdout));
      samples[writer]?.push(sample);
      say(`round ${round} of ${rounds}  ${line(writer, sample)}`);
    }
  }
  for (const writer of WRITERS) say(`median           ${line(writer, medianSample(samples[writer] ?? []))}`);
  const ratios = (samples['countermand'] ?? []).map(
    ({ seconds }, at) => (samples['hucre']?.[at]?.seconds ?? NaN) / seconds,
  );
  const peak = Math.max(...(samples['countermand'] ?? []).map(({ peakMegabytes }) => peakMegabytes));
  say(`countermand: ${median(ratios).toFixed(2)} times as fast (median of the rounds), at most ${peak.toFixed(0)} MB`);
} finally {
  await rm(directory, { recursive: true });
}

function line(writer: string, { seconds, cpuSeconds, peakMegabytes, fileMegabytes }: Sample): string {
  return [
    writer.padEnd(11),
    `${seconds.toFixed(2)} s`.padStart(8),
    `${cpuSeconds.toFixed(2)} s of CPU`.padStart(16),
    `${peakMegabytes.toFixed(0)} MB at the most`.padStart(20),
    `a file of ${fileMegabytes.toFixed(1)} MB`.padStart(20),
  ].join('  ');
}

function medianSample(samples: readonly Sample[]): Sample {
  return {
    seconds: median(samples.map(({ seconds }) => seconds)),
    cpuSeconds: median(samples.map(({ cpuSeconds }) => cpuSeconds)),
    peakMegabytes: median(samples.map(({ peakMegabytes }) => peakMegabytes)),
    fileMegabytes: median(samples.map(({ fileMegabytes }) => fileMegabytes)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle] ?? NaN) + (sorted[sorted.length - 1 - middle] ?? NaN)) / 2;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

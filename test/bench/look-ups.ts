import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { createHttpClient } from '../../functions/providers/http-client.ts';
import { ngorder } from '../../functions/providers/ngorder/ngorder.ts';
import type { LookUpReply } from '../../functions/providers/provider.ts';

/** What `npm run bench-look-ups` runs: looks for orders at an ngorder with a million cancelled ones. */
const { values } = parseArgs({ options: { 'page-ms': { type: 'string', default: '150' } } });

interface Look {
  readonly name: string;
  readonly sort: 'newest first' | 'oldest first' | 'unsorted';
  readonly date: 'ordered' | 'cancelled';
  /** Of a million, the oldest first; null: the order is not cancelled. */
  readonly index: number | null;
  /** How old the order is that the list of orders shows, in days; null: it shows none. */
  readonly activeDays: number | null;
}

/** What the settler has for a look. */
const LOOK_MS = 30_000;

const LOOKS: Look[] = [
  ...(['newest first', 'oldest first'] as const).map((sort): Look => ({
    ...{ name: 'cancelled now, made 100 days ago', sort, date: 'ordered', index: 908_675, activeDays: null },
  })),
  ...(['ordered', 'cancelled'] as const).map((date): Look => ({
    ...{ name: 'cancelled now, made 100 days ago', sort: 'unsorted', date, index: 908_675, activeDays: null },
  })),
  ...[1, 5, 100].flatMap((activeDays) =>
    (['ordered', 'cancelled'] as const).map((date): Look => ({
      ...{ name: `active, made ${activeDays} days ago`, sort: 'newest first', date, index: null, activeDays },
    })),
  ),
  { name: 'in no list', sort: 'newest first', date: 'ordered', index: null, activeDays: null },
];

say([
  'order',
  'list',
  'its dates go by when it was',
  'the look ends as',
  'requests',
  'seconds',
  'peak MB, own process',
]);
for (const look of LOOKS) await run(look);

async function run({ name, sort, date, index, activeDays }: Look): Promise<void> {
  const args = [values['page-ms'], sort, date, String(index ?? -1), String(activeDays ?? 'none')];
  const stub = fork(join(import.meta.dirname, 'million-orders.ts'), args);
  try {
    const port = z.tuple([z.int()]).parse((await once(stub, 'message')).slice(0, 1))[0];
    const baseUrl = new URL(`http://127.0.0.1:${port}`);
    let requests = 0;
    const log = { info: () => (requests += 1), warn: () => undefined, error: () => undefined };
    const clock = { now: () => Date.now(), sleep: () => Promise.resolve(), random: () => 0 };
    const http = createHttpClient({ connection: 'toko', provider: 'ngorder', baseUrl }, { clock, log });
    const settings = { timeZone: 'Asia/Jakarta' };
    const client = ngorder.open({ connection: 'toko', baseUrl, settings, credential: 'a credential', http });
    // An odd id is no cancelled order's; it lies where the order's age says.
    const orderId = index === null ? 2 * Math.round(1_000_000 - (activeDays ?? 0) * 913) + 1 : 2 * index + 2;
    const began = performance.now();
    const reply = await client.lookUp(
      { orderId: String(orderId), askedAt: Date.now() - 60_000, historyMark: null },
      { timeoutMs: LOOK_MS },
    );
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
    say([name, sort, date, endOf(reply), String(requests), seconds, peak]);
  } finally {
    stub.kill();
  }
}

function endOf(reply: LookUpReply): string {
  return reply.kind === 'lost' ? reply.problem : reply.kind;
}

function say(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

import type { CancelledOrder, CancelledOrderType } from '../providers/cancelled-order.ts';
import type { CallFailure } from '../providers/call-failure.ts';
import { comparePlaces, type Entry, type Place } from './entry.ts';
import { openSources, type ListingNeeds, type Opened } from './open-sources.ts';
import type { Period } from './period.ts';
import type { Source } from './source.ts';

export interface CancelledOrdersQuery extends Period {
  readonly connections: readonly string[];
  readonly types: readonly CancelledOrderType[];
  /** Personal data: only for a caller who may see it and asked for it. */
  readonly includeCustomer: boolean;
}

/** A connection whose orders are not all there, and why. */
export interface Incomplete {
  readonly connection: string;
  readonly problem: string;
}

export interface Progress {
  /** Requests made so far. */
  readonly pages: number;
  /** What is known to be missing so far. */
  readonly incomplete: readonly Incomplete[];
  /** Where the orders of each connection come from, as far as it could be opened. */
  readonly sources: Readonly<Record<string, 'provider' | 'ledger'>>;
}

/** How many rows a source reads ahead of what is told: bounds the memory, and keeps a slow source from keeping fast ones waiting. */
const READ_AHEAD = 500;
/** For one window of a source, however much time there is. */
const LONGEST_WINDOW_MS = 60_000;

/**
 * All cancelled orders of a query, newest first over all its connections, a batch at a time; memory does not grow with their number.
 *
 * The sources are read side by side, each for as long as there is time. One that fails, or is not done when the time is up, ends
 * there and is named in `incomplete`; the others are told all the same. The last batch has the final word on what is
 * incomplete; it may have no rows. Throws only where the ledger or a connection fails in a way that is no problem of a provider.
 */
export async function* readCancelledOrders(
  query: CancelledOrdersQuery,
  needs: ListingNeeds,
  remainingMs: () => number,
): AsyncGenerator<Progress & { rows: CancelledOrder[] }> {
  for await (const { entries, ...progress } of readEntries(query, null, READ_AHEAD, needs, remainingMs)) {
    yield { rows: entries.map(({ order }) => order), ...progress };
  }
}

export interface CancelledOrdersPage extends Progress {
  readonly orders: CancelledOrder[];
  /** The last order's place where there are more behind it, else null. */
  readonly next: Place | null;
}

/** The `limit` orders behind a place, or from the beginning. */
export async function readPage(
  query: CancelledOrdersQuery,
  { after, limit }: { after: Place | null; limit: number },
  needs: ListingNeeds,
  remainingMs: () => number,
): Promise<CancelledOrdersPage> {
  const entries: Entry[] = [];
  let progress: Progress = { pages: 0, incomplete: [], sources: {} };
  // One more than asked for says whether there is a next page.
  for await (const batch of readEntries(query, after, limit + 1, needs, remainingMs)) {
    entries.push(...batch.entries);
    progress = { pages: batch.pages, incomplete: batch.incomplete, sources: batch.sources };
    if (entries.length > limit) break;
  }
  const shown = entries.slice(0, limit);
  return {
    orders: shown.map(({ order }) => order),
    next: entries.length > limit ? (shown.at(-1)?.place ?? null) : null,
    ...progress,
  };
}

/** A source on its way. */
interface Stream {
  readonly source: Source;
  /** Read and not told yet, in order. */
  waiting: Entry[];
  /** What is newer has been read; null: all of it, or as much as could be. */
  downTo: string | null;
}

const END_OF_TIME = '9999-12-31T23:59:59.999Z';

async function* readEntries(
  query: CancelledOrdersQuery,
  after: Place | null,
  ahead: number,
  needs: ListingNeeds,
  remainingMs: () => number,
): AsyncGenerator<Progress & { entries: Entry[] }> {
  const notes = newNotes();
  const notAfter = Date.parse(after?.at ?? END_OF_TIME);
  const opened = await Promise.all(
    query.connections.map(async (name) => ({ name, ...(await openSources(name, query, notAfter, needs)) })),
  );
  const streams = opened.flatMap((connection) => {
    notes.opened(connection);
    const sources = connection.kind === 'opened' ? connection.sources : [];
    return sources.map((source): Stream => ({ source, waiting: [], downTo: END_OF_TIME }));
  });

  // An order can turn up twice: when it changes lists, or its date, while they are read.
  const seen = new Set<string>();
  const isNew = ({ place }: Entry) => {
    const order = `${place.connection}:${place.orderId}`;
    if (seen.has(order) || (after !== null && comparePlaces(place, after) <= 0)) return false;
    seen.add(order);
    return true;
  };

  do {
    await Promise.all(streams.map((stream) => fill(stream, ahead, isNew, notes, remainingMs)));
    // What is as new as the stream that has come least far may be told: nothing can come before it any more.
    const toldFrom = streams.reduce((latest, { downTo }) => (downTo !== null && downTo > latest ? downTo : latest), '');
    const entries = streams.flatMap((stream) => takenFrom(stream, toldFrom));
    yield { entries: entries.sort((a, b) => comparePlaces(a.place, b.place)), ...notes.progress() };
  } while (streams.some(({ downTo }) => downTo !== null));
}

/** Reads on until so many entries wait that nothing of this stream can come before, or there are no more, or no time. */
async function fill(
  stream: Stream,
  ahead: number,
  isNew: (entry: Entry) => boolean,
  notes: Notes,
  remainingMs: () => number,
): Promise<void> {
  const { connection } = stream.source;
  while (stream.downTo !== null && countFrom(stream, stream.downTo) < ahead) {
    const timeoutMs = Math.min(remainingMs(), LONGEST_WINDOW_MS);
    const read = timeoutMs > 0 ? await stream.source.next(timeoutMs) : null;
    if (read?.kind !== 'window') {
      notes.missing(connection, read === null ? 'out_of_time' : problemOf(read));
      stream.downTo = null;
      return;
    }
    if (!read.stoodStill) notes.missing(connection, 'kept_moving');
    if (read.hasUnreadable === true) notes.missing(connection, 'unreadable_items');
    notes.read(read.pages);
    stream.downTo = read.downTo;
    stream.waiting = [...stream.waiting, ...read.entries.filter(isNew)].sort((a, b) => comparePlaces(a.place, b.place));
  }
}

function takenFrom(stream: Stream, moment: string): Entry[] {
  return stream.waiting.splice(0, countFrom(stream, moment));
}

/** How many entries wait that are of the moment, or newer. */
function countFrom({ waiting }: Stream, moment: string): number {
  const end = waiting.findIndex(({ place }) => place.at < moment);
  return end === -1 ? waiting.length : end;
}

function problemOf(failure: CallFailure): string {
  switch (failure.kind) {
    case 'credential_rejected':
      return 'needs_reauth';
    case 'rate_limited':
      return failure.kind;
    case 'not_sent':
    case 'lost':
      return failure.problem;
  }
}

type Notes = ReturnType<typeof newNotes>;

/** What is noted of a reading on its way. */
function newNotes() {
  const incomplete = new Map<string, Incomplete>();
  const sources: Record<string, 'provider' | 'ledger'> = {};
  let pages = 0;
  const missing = (connection: string, problem: string) => {
    incomplete.set(`${connection} ${problem}`, { connection, problem });
  };
  return {
    missing,
    read: (more: number) => {
      pages += more;
    },
    opened: (connection: Opened & { name: string }) => {
      if (connection.kind === 'closed') missing(connection.name, connection.problem);
      else sources[connection.name] = connection.from;
    },
    progress: (): Progress => ({ pages, incomplete: [...incomplete.values()], sources: { ...sources } }),
  };
}

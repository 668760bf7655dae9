import type { CancelledOrder, CancelledOrderType } from '../providers/cancelled-order.ts';
import type { CallFailure } from '../providers/call-failure.ts';
import { comparePlaces, type Entry, type Place } from './entry.ts';
import { openSources, type ListingNeeds, type Opened } from './open-sources.ts';
import type { Period } from './period.ts';
import type { Source } from './source.ts';

export interface CancelledOrdersQuery extends Period {
  readonly connections: readonly string[];
  readonly types: readonly CancelledOrderType[];
  /** Whether to include personal data: only for a caller who may see it and asked for it. */
  readonly includeCustomer: boolean;
}

/** A connection with missing orders, and why they are missing. */
export interface Incomplete {
  readonly connection: string;
  readonly problem: string;
}

export interface Progress {
  /** The number of requests made so far. */
  readonly pages: number;
  /** The connections known so far to have missing orders. */
  readonly incomplete: readonly Incomplete[];
  /** Where the orders of each connection come from, if the connection could be opened. */
  readonly sources: Readonly<Record<string, 'provider' | 'ledger'>>;
}

/** How many rows a source reads ahead of those returned. This limits the memory, and a slow source does not hold up fast ones. */
const READ_AHEAD = 500;
/** The limit for one window of a source, even if more time is left. */
const LONGEST_WINDOW_MS = 60_000;

/**
 * Reads all cancelled orders of a query in batches, newest first across all its connections. Memory does not grow with their
 * number.
 *
 * The sources are read in parallel while time is left. A source that fails, or is not done in time, ends there and is named in
 * `incomplete`; the other sources continue. The last batch has the final list of what is incomplete, and may have no rows. Throws
 * only if the ledger or a connection fails in a way that is not a provider's problem.
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
  /** The last order's place if more orders follow, otherwise null. */
  readonly next: Place | null;
}

/** Reads the `limit` orders after a place, or from the beginning. */
export async function readPage(
  query: CancelledOrdersQuery,
  { after, limit }: { after: Place | null; limit: number },
  needs: ListingNeeds,
  remainingMs: () => number,
): Promise<CancelledOrdersPage> {
  const entries: Entry[] = [];
  let progress: Progress = { pages: 0, incomplete: [], sources: {} };
  // One more order than requested shows whether there is a next page.
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

/** A source being read. */
interface Stream {
  readonly source: Source;
  /** Entries that were read and not yet returned, sorted. */
  waiting: Entry[];
  /** Every entry from this moment on has been read; null if the source has ended, completely or by a failure. */
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

  // An order can come twice if it changes lists, or its date, while they are read.
  const seen = new Set<string>();
  const isNew = ({ place }: Entry) => {
    const order = `${place.connection}:${place.orderId}`;
    if (seen.has(order) || (after !== null && comparePlaces(place, after) <= 0)) return false;
    seen.add(order);
    return true;
  };

  do {
    await Promise.all(streams.map((stream) => fill(stream, ahead, isNew, notes, remainingMs)));
    // Entries from the latest of the streams' positions on can be returned: no stream can produce a newer one any more.
    const toldFrom = streams.reduce((latest, { downTo }) => (downTo !== null && downTo > latest ? downTo : latest), '');
    const entries = streams.flatMap((stream) => takenFrom(stream, toldFrom));
    yield { entries: entries.sort((a, b) => comparePlaces(a.place, b.place)), ...notes.progress() };
  } while (streams.some(({ downTo }) => downTo !== null));
}

/**
 * Reads a stream until enough final entries wait, or the stream or the time ends. An entry is final if nothing in the stream can
 * still come before it.
 */
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

/** Returns how many waiting entries are from the moment or newer. */
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

/** Collects the progress of a reading. */
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

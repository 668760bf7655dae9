import type { LookUpQuery } from '../provider.ts';
import { addDays, dateAt } from '../time-zone.ts';
import {
  cancelledOrders,
  everyDate,
  findIn,
  foundIn,
  MOST_PAGES,
  readPage,
  type Found,
  type InactiveType,
  type List,
  type Search,
  type TooLarge,
} from './lists.ts';
import { spanOf } from './times.ts';
import { isNothing, type NgorderAccount, type NgorderRow } from './wire.ts';

/** A list of at most this many pages is read whole at once. */
const FEW_PAGES = 10;

/** An order to be looked for. `row`: its row in the list of orders, if it is there. */
type Wanted = Pick<LookUpQuery, 'orderId' | 'askedAt'> & { readonly row: NgorderRow | null };

/**
 * Looks for an order in a list of inactive orders of any length.
 *
 * ngorder documents neither by which date it filters nor how it sorts. So an order counts as absent in two cases only: one reading
 * of the whole list did not show it; or one reading of all days since the order was made did not show it, whichever of its dates
 * the filter uses. The other attempts can only find the order: by its id's place in the list, and among the days since the ask.
 */
export async function findInactive(
  account: NgorderAccount,
  type: InactiveType,
  wanted: Wanted,
  endsAt: number,
): Promise<Search> {
  const everything = cancelledOrders(type, everyDate(account.http.clock.now(), account.timeZone));
  const few = await findIn(account, everything, wanted.orderId, endsAt, FEW_PAGES);
  if (few.kind !== 'too_large') return few;

  const search = await findInLarge(account, type, wanted, { ...few, list: everything, endsAt });
  // Whether one page or many took all the time: the list could not be read within it.
  return search.kind === 'lost' && search.problem === 'timed_out' ? few : search;
}

/** A list that is too large to be read whole, as its first page showed it. */
type Large = TooLarge & { readonly list: List; readonly endsAt: number };

async function findInLarge(account: NgorderAccount, type: InactiveType, wanted: Wanted, large: Large): Promise<Search> {
  const { list, endsAt } = large;
  const lived = await findInLife(account, type, wanted, large);
  if (lived.kind !== 'too_large') return lived;
  const found = await findById(account, wanted.orderId, large);
  if (found !== null) return found;
  if ((large.pages ?? 0) <= MOST_PAGES) {
    const whole = await findIn(account, list, wanted.orderId, endsAt);
    if (whole.kind !== 'too_large') return whole;
  }
  const { timeZone, http } = account;
  const sinceAsk = {
    ...everyDate(http.clock.now(), timeZone),
    start_date: addDays(dateAt(wanted.askedAt, timeZone), -1),
  };
  const recent = await findIn(account, cancelledOrders(type, sinceAsk), wanted.orderId, endsAt);
  return recent.kind === 'absent' ? large : recent;
}

/**
 * Looks for an order among the orders of all days since it was made. If it is not there, it counts as absent only if the date
 * filter is seen to work: the list must be known to hold orders made since then, and all of them must be in this reading too.
 */
async function findInLife(
  account: NgorderAccount,
  type: InactiveType,
  { orderId, row }: Wanted,
  large: Large,
): Promise<Search> {
  const life = row === null ? null : lifeOf(row, account);
  if (life === null) return large;
  const madeSince = (rows: readonly NgorderRow[]) => rows.filter((other) => isWithin(lifeOf(other, account), life));
  let known = madeSince(large.firstRows);
  if (known.length === 0 && large.pages !== null) {
    const last = await readPage(account, large.list, large.pages, large.endsAt);
    if (last.kind !== 'page') return last;
    known = madeSince(last.rows);
  }
  if (known.length === 0) return large;

  const dates = { start_date: addDays(life.first, -1), end_date: addDays(life.last, 2) };
  const search = await findIn(account, cancelledOrders(type, dates), orderId, large.endsAt);
  const isProven = search.kind !== 'absent' || known.every(({ order_id: id }) => search.seen.has(id));
  return isProven ? search : large;
}

interface Life {
  readonly first: string;
  readonly last: string;
}

/**
 * Returns the span from the first to the last of an order's shown dates, and today. Whichever of its dates a list filters by is in
 * this span. Null if the span cannot be determined.
 */
function lifeOf(row: NgorderRow, { timeZone, http }: NgorderAccount): Life | null {
  const others = Object.entries(row).filter(([name, value]) => /(_date|_at)$/.test(name.trim()) && !isNothing(value));
  const spans = [row.order_date, row.created_at, ...others.map(([, value]) => value)].map((value) =>
    typeof value === 'string' ? spanOf(value, timeZone) : null,
  );
  const told = spans.filter((span) => span !== null);
  if (told.length < spans.length) return null;
  return {
    first: dateAt(Math.min(...told.map(({ earliest }) => earliest)), timeZone),
    last: dateAt(Math.max(http.clock.now(), ...told.map(({ latest }) => latest)), timeZone),
  };
}

function isWithin(inner: Life | null, outer: Life): boolean {
  return inner !== null && inner.first >= outer.first && inner.last <= outer.last;
}

/**
 * Looks for an order where its id would be if the list were sorted by id, in either direction: by halves, one page each. Ids grow
 * with time, so a list sorted by time is nearly sorted by id. Null if the order is not found, which proves nothing.
 */
async function findById(
  account: NgorderAccount,
  orderId: string,
  { list, pages, firstRows, endsAt }: Large,
): Promise<Exclude<Search, { kind: 'absent' }> | null> {
  if (pages === null) return null;
  const id = BigInt(orderId);
  let [low, high] = [2, pages];
  let isDescending: boolean | null = null;
  for (let page = pages; low <= high; page = Math.floor((low + high) / 2)) {
    const read = await readPage(account, list, page, endsAt);
    if (read.kind !== 'page') return read;
    const found: Found | null = foundIn(read, orderId);
    if (found !== null) return found;
    const shown = idsOf(read.rows);
    if (shown === null) return null;
    isDescending ??= (idsOf(firstRows)?.least ?? id) > shown.greatest;
    if (id >= shown.least && id <= shown.greatest) return null;
    if (id > shown.greatest === isDescending) high = page - 1;
    else low = page + 1;
  }
  return null;
}

function idsOf(rows: readonly NgorderRow[]): { least: bigint; greatest: bigint } | null {
  const [first, ...others] = rows.map(({ order_id: id }) => BigInt(id));
  if (first === undefined) return null;
  const least = others.reduce((one, other) => (other < one ? other : one), first);
  return { least, greatest: others.reduce((one, other) => (other > one ? other : one), first) };
}

import type { CancelledOrder } from '../providers/cancelled-order.ts';

/** Reads pages of orders, from the first page at every call, so that no page is held in memory. */
export type Pages = () => AsyncIterable<readonly CancelledOrder[]> | Iterable<readonly CancelledOrder[]>;

/** 16 MB of marks, for any number of orders. */
const MARKS = 2 ** 27;

/**
 * Returns the same pages with every order once, as it was last read. The pages are read one after another, and an order whose date
 * changes meanwhile can come again in a later one.
 */
export async function once(pages: Pages): Promise<Pages> {
  const lastPages = await findRepeated(pages);
  return async function* () {
    let number = 0;
    for await (const page of pages()) {
      const at = number;
      yield page.filter((order) => (lastPages.get(nameOf(order)) ?? at) === at);
      number += 1;
    }
  };
}

/**
 * Returns the last page of every order that comes in several pages. Each order leaves a mark, and is remembered by name only if its
 * mark was already there. Besides the repeated orders, this names a few in a thousand of a million orders, which does no harm.
 */
export async function findRepeated(pages: Pages): Promise<ReadonlyMap<string, number>> {
  const marks = new Uint8Array(MARKS / 8);
  const lastPages = new Map<string, number>();
  let number = 0;
  for await (const page of pages()) {
    for (const order of page) {
      const name = nameOf(order);
      const mark = hashOf(name) % MARKS;
      const bit = 1 << (mark & 7);
      const byte = marks[mark >> 3] ?? 0;
      if ((byte & bit) !== 0) lastPages.set(name, number);
      marks[mark >> 3] = byte | bit;
    }
    number += 1;
  }
  return lastPages;
}

function nameOf({ connection, orderId }: CancelledOrder): string {
  return `${connection}:${orderId}`;
}

/** FNV-1a, 32 bits, mixed as in MurmurHash3, so that consecutive ids do not get neighbouring marks. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

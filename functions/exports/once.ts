import type { CancelledOrder } from '../providers/cancelled-order.ts';

/** Pages of orders from the first one, as often as it is called, so that none is held in memory. */
export type Pages = () => AsyncIterable<readonly CancelledOrder[]> | Iterable<readonly CancelledOrder[]>;

/** 16 MB of them, however many orders there are. */
const MARKS = 2 ** 27;

/**
 * The same pages with every order once: as it was read last. The pages are read one after the other, and an order whose date changes meanwhile
 * can come in a later one again.
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
 * The last page of every order that comes in several ones. Each order leaves a mark, and is remembered by name only if its mark was there
 * already: besides those that come again, that is a few in a thousand of a million orders, and naming these does no harm.
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

/** FNV-1a, 32 bits, stirred as in MurmurHash3, so that ids that follow one another do not lie side by side. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

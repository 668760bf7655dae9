/**
 * Time that passes only when nothing is left to do. What is due at the same moment runs in the order in which it was planned, so
 * a run is the same each time.
 */
export interface VirtualTime {
  /** Milliseconds since the epoch. */
  now(): number;
  at(time: number, run: () => void): void;
  after(ms: number, run: () => void): void;
  sleep(ms: number): Promise<void>;
  /** Runs everything that is planned, and what that plans, until nothing is left or `stop` was called. */
  run(): Promise<void>;
  stop(): void;
}

interface Planned {
  time: number;
  order: number;
  run: () => void;
}

export function createVirtualTime(startAt: number): VirtualTime {
  const heap: Planned[] = [];
  let now = startAt;
  let planned = 0;

  const at = (time: number, run: () => void): void => {
    push(heap, { time: Math.max(time, now), order: (planned += 1), run });
  };
  return {
    now: () => now,
    at,
    after: (ms, run) => {
      at(now + ms, run);
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        at(now + ms, resolve);
      }),
    stop: () => {
      heap.length = 0;
    },
    run: () =>
      new Promise((resolve, reject) => {
        const step = (): void => {
          const next = pop(heap);
          if (next === undefined) {
            resolve();
            return;
          }
          now = next.time;
          try {
            next.run();
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          queueMicrotask(whenIdle);
        };
        // A tick that is asked for from within a microtask comes when no microtask is left: nothing waits on real time.
        const whenIdle = (): void => {
          process.nextTick(step);
        };
        queueMicrotask(whenIdle);
      }),
  };
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

function push(heap: Planned[], entry: Planned): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(entry, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = entry;
}

function pop(heap: Planned[]): Planned | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let childIndex = 2 * index + 1;
    let child = heap[childIndex];
    if (child === undefined) break;
    const right = heap[childIndex + 1];
    if (right !== undefined && isBefore(right, child)) {
      childIndex += 1;
      child = right;
    }
    if (!isBefore(child, last)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
  return first;
}

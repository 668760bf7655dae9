/** How many commands of one connection a container works on at once. There are two containers (infra/functions.ts), so twice as many calls. */
const LANES_PER_CONNECTION = 2;

/** Works on all things. Each connection has lanes of its own, so that a slow provider delays only its own orders. */
export async function inLanes<Thing>(
  things: readonly Thing[],
  connectionOf: (thing: Thing) => string,
  work: (thing: Thing) => Promise<void>,
): Promise<void> {
  const groups = Map.groupBy(things, connectionOf);
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const queue = group.values();
      const lane = async () => {
        for (const thing of queue) await work(thing);
      };
      await Promise.all(Array.from({ length: LANES_PER_CONNECTION }, lane));
    }),
  );
}

/** More than the thread pool has threads, so that none waits while the main thread hashes. */
export const BLOCKS_AHEAD = 8;

/**
 * Start work on the next items while earlier results are still used: results in order, at most `count` at work.
 *
 * An error of one is thrown when its turn comes.
 */
export async function* workAhead<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  count: number,
  start: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const item of items) {
    const result = start(item);
    // What nobody waits for yet, or never will after an earlier error, must not end the process.
    result.catch(() => undefined);
    running.push(result);
    if (running.length < count) continue;
    const [first] = running.splice(0, 1);
    if (first !== undefined) yield await first;
  }
  for (const result of running) yield await result;
}

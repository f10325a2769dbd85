/** Works through items, a few at a time. */

/** Rejects with the first failure. Work that is still running then ends on its own, and its result is ignored. */
export async function forEachAtOnce<T>(
  count: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // All runners share one iterator, so each item is taken once.
  const rest = Iterator.from(items);
  const takeAll = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: count }, takeAll));
}

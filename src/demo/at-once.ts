/** Works through items, some at a time. */

/** Rejects with the first failure; what is under way then runs to its end unheard. */
export async function forEachAtOnce<T>(
  count: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // The workers share one iterator, so each item is taken once.
  const rest = Iterator.from(items);
  const takeAll = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: count }, takeAll));
}

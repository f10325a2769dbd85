/** Works through everything that is due, in portions with a transaction each. */

/**
 * Calls `step` until it finds fewer than `limit`, and returns the total found. A crash or an abort by `signal` leaves
 * the rest due for the next run.
 */
export async function drain(
  limit: number,
  signal: AbortSignal | undefined,
  step: (limit: number) => Promise<number>,
): Promise<number> {
  let found = 0;
  for (let taken = limit; taken === limit; found += taken) {
    signal?.throwIfAborted();
    taken = await step(limit);
  }
  return found;
}

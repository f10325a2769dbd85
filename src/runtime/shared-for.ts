/** Lets many callers share the cost of one look. Age is measured with the machine's monotonic clock. */

/**
 * Returns a function that does `work` at most once in `ms`, and answers calls in between with its last result. Calls
 * during the work share it. An error is kept for a quarter of the time, so that a recovery is seen sooner.
 */
export function sharedFor<T>(
  ms: number,
  work: () => Promise<T>,
  monotonicMs: () => number = () => performance.now(),
): () => Promise<T> {
  let last: { result: Promise<T>; untilMs: number } | null = null;
  return () => {
    if (last && monotonicMs() < last.untilMs) return last.result;
    const current = { result: work(), untilMs: Infinity };
    const keep = (forMs: number) => (current.untilMs = monotonicMs() + forMs);
    current.result.then(
      () => keep(ms),
      () => keep(ms / 4),
    );
    last = current;
    return current.result;
  };
}

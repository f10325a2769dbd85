/**
 * Measures for how long work keeps the event loop from other work. The CPU time of this thread is measured, which other
 * work of the machine hardly changes.
 */

/** `longestMs`: the longest turn of the event loop while `work` ran. */
export async function measureStalls<T>(work: () => Promise<T>): Promise<{ result: T; longestMs: number }> {
  let longestMs = 0;
  let isOver = false;
  let before = process.threadCpuUsage();
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    before = process.threadCpuUsage();
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  try {
    return { result: await work(), longestMs };
  } finally {
    isOver = true;
  }
}

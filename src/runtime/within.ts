/** Bounds how long something is waited for. The work itself goes on. */
import { setTimeout as delay } from 'node:timers/promises';

export class TooLate extends Error {}

/** Settles as `work` does, or rejects with `TooLate` after `ms`. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw new TooLate(`no answer in ${ms} ms`);
  });
  // Once the work has settled nobody waits for the timer, whose abort rejects it.
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

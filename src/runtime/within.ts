/** Bounds the time that a caller waits for work. The work itself goes on. */
import { setTimeout as delay } from 'node:timers/promises';

export class TooLate extends Error {}

/** Settles as `work` does, or rejects with `TooLate` and this message after `ms`. */
export async function within<T>(ms: number, work: Promise<T>, message = `no answer in ${ms} ms`): Promise<T> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw new TooLate(message);
  });
  // The abort below rejects it, when nobody waits for it any more.
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

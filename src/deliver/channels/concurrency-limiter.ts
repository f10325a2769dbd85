/**
 * Keeps one channel from taking every place a worker has: so many sends at a time, and none while no provider
 * can take them. Who is turned away is told when to come back, each a little later than the one before: a
 * backlog comes back at the pace at which sends end, not all at once.
 */
import { bulkhead } from 'cockatiel';

const sendsAtOnce = 4;
const lookAgainMs = 250;
/** Also how long a backlog may wait behind turns that nobody takes. */
const furthestTurnMs = 30_000;
/** The part of a new measurement in the running mean. */
const weight = 0.2;

export class ConcurrencyLimiter {
  readonly #bulkhead = bulkhead(sendsAtOnce);
  readonly #unavailableForMs: () => number;
  #meanHeldMs = 100;
  #lastTurnMs = 0;

  /** `unavailableForMs`: how long no provider will take anything; 0 where one does. */
  constructor(unavailableForMs: () => number = () => 0) {
    this.#unavailableForMs = unavailableForMs;
  }

  /** Null: now. `hold`, called before anything else is awaited, then has its place. */
  availableAt(now: Temporal.Instant): Temporal.Instant | null {
    const outMs = this.#unavailableForMs();
    if (outMs === 0 && this.#bulkhead.executionSlots > 0) return null;
    return now.add({ milliseconds: Math.ceil(this.#nextTurnMs(Math.max(outMs, lookAgainMs))) });
  }

  /** Holds a place until `work` ends. */
  hold<T>(work: () => Promise<T>): Promise<T> {
    return this.#bulkhead.execute(async () => {
      const startedMs = performance.now();
      try {
        return await work();
      } finally {
        this.#meanHeldMs += weight * (performance.now() - startedMs - this.#meanHeldMs);
      }
    });
  }

  /** Milliseconds from now. */
  #nextTurnMs(atLeastMs: number): number {
    const earliestMs = performance.now() + atLeastMs;
    const turnMs = Math.max(earliestMs, this.#lastTurnMs + this.#meanHeldMs / sendsAtOnce);
    this.#lastTurnMs = Math.min(turnMs, earliestMs + furthestTurnMs);
    return this.#lastTurnMs - performance.now();
  }
}

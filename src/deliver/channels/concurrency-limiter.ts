/**
 * The concurrency limiter keeps one channel from using all of a worker's slots. It bounds the sends at a time, and
 * allows none while no provider is available. A refused delivery gets a time to come back, each a little later than
 * the one before. A backlog thus returns at the pace at which sends end, and not all at once.
 */
import { bulkhead } from 'cockatiel';

const maxConcurrentSends = 4;
const minWaitMs = 250;
/** Also bounds how long a backlog may wait behind turns that go unused. */
const furthestTurnMs = 30_000;
/** The share of a new measurement in the running mean. */
const smoothingFactor = 0.2;

export class ConcurrencyLimiter {
  readonly #bulkhead = bulkhead(maxConcurrentSends);
  readonly #unavailableForMs: () => number;
  #meanSendMs = 100;
  #lastTurnMs = 0;

  /** `unavailableForMs`: milliseconds until a provider is available; 0 if one is. */
  constructor(unavailableForMs: () => number = () => 0) {
    this.#unavailableForMs = unavailableForMs;
  }

  /** Null: now. A slot is then sure for `hold`, if it is called before anything else is awaited. */
  availableAt(now: Temporal.Instant): Temporal.Instant | null {
    const unavailableMs = this.#unavailableForMs();
    if (unavailableMs === 0 && this.#bulkhead.executionSlots > 0) return null;
    return now.add({ milliseconds: Math.ceil(this.#nextTurnMs(Math.max(unavailableMs, minWaitMs))) });
  }

  /** Occupies a slot until `work` ends. */
  hold<T>(work: () => Promise<T>): Promise<T> {
    return this.#bulkhead.execute(async () => {
      const startedMs = performance.now();
      try {
        return await work();
      } finally {
        this.#meanSendMs += smoothingFactor * (performance.now() - startedMs - this.#meanSendMs);
      }
    });
  }

  /** The next turn, in milliseconds from now. */
  #nextTurnMs(atLeastMs: number): number {
    const earliestMs = performance.now() + atLeastMs;
    const turnMs = Math.max(earliestMs, this.#lastTurnMs + this.#meanSendMs / maxConcurrentSends);
    this.#lastTurnMs = Math.min(turnMs, earliestMs + furthestTurnMs);
    return this.#lastTurnMs - performance.now();
  }
}

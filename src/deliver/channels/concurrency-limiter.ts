/**
 * The concurrency limiter keeps one channel from using all of a worker's slots. It bounds the sends at a time, and
 * allows none while no provider is available. Some slots are for alerts alone, and some for critical ones.
 */
import { bulkhead } from 'cockatiel';
import { ranks } from '../../values/rank.ts';

/** How many sends there may be at a time, with one more of that urgency. */
const maxSends = { other: 4, alert: 5, critical: 6 } as const;
const minWaitMs = 250;
/** Also bounds how long a backlog may wait behind turns that go unused. */
const furthestTurnMs = 30_000;
/** The share of a new measurement in the running mean. */
const smoothingFactor = 0.2;

function slotsFor(rank: number): number {
  if (rank <= ranks.critical) return maxSends.critical;
  return rank <= ranks.alert ? maxSends.alert : maxSends.other;
}

export class ConcurrencyLimiter {
  readonly #bulkhead = bulkhead(maxSends.critical);
  readonly #unavailableForMs: () => number;
  #meanSendMs = 100;
  #lastTurnMs = 0;

  /** `unavailableForMs`: milliseconds until a provider is available; 0 if one is. */
  constructor(unavailableForMs: () => number = () => 0) {
    this.#unavailableForMs = unavailableForMs;
  }

  /**
   * Whether a delivery of this rank may be sent now. A slot is then sure for `hold`, if it is called before anything else
   * is awaited.
   */
  roomFor(rank: number): 'free' | 'full' | 'no_provider' {
    if (this.#unavailableForMs() > 0) return 'no_provider';
    return maxSends.critical - this.#bulkhead.executionSlots < slotsFor(rank) ? 'free' : 'full';
  }

  /**
   * When a delivery comes back that finds no provider: each a little later than the one before. They thus return at the
   * pace at which sends end, and not all at once.
   */
  nextTurn(now: Temporal.Instant): Temporal.Instant {
    const earliestMs = performance.now() + Math.max(this.#unavailableForMs(), minWaitMs);
    const turnMs = Math.max(earliestMs, this.#lastTurnMs + this.#meanSendMs / maxSends.other);
    this.#lastTurnMs = Math.min(turnMs, earliestMs + furthestTurnMs);
    return now.add({ milliseconds: Math.ceil(this.#lastTurnMs - performance.now()) });
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
}

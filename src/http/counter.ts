/**
 * Counts points in a window of time. The counts are in Redis and shared by all web processes. Without Redis, or during an
 * outage, each process counts for itself.
 */
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Redis } from '../runtime/redis.ts';

/** At most `points` in a window of `seconds`, which starts with the first point. */
export type Limit = { name: string; points: number; seconds: number };

type Limiter = Pick<RateLimiterMemory, 'consume' | 'get' | 'reward'>;

/** `count`: the points of this window. `waitMs`: milliseconds until there is room, or null if there was. */
type Taken = { count: number; waitMs: number | null };

/**
 * The circuit breaker's open time. After a failure Redis is not asked for so long, so that a Redis that hangs
 * delays one request and not each.
 */
const breakerOpenMs = 5_000;

export class Counter {
  readonly #own: Limiter;
  readonly #shared: Limiter | null;
  #breakerOpenUntilMs = 0;

  constructor({ name, points, seconds }: Limit, redis: Redis | null) {
    const options = { keyPrefix: `spendwatch:limit:${name}`, points, duration: seconds };
    this.#own = new RateLimiterMemory(options);
    this.#shared =
      redis && new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true });
  }

  async take(key: string, points: number, seconds?: number): Promise<Taken> {
    const options = seconds === undefined ? {} : { customDuration: seconds };
    try {
      const { consumedPoints } = await this.#ask((limiter) => limiter.consume(key, points, options));
      return { count: consumedPoints, waitMs: null };
    } catch (error) {
      if (error instanceof RateLimiterRes) return { count: error.consumedPoints, waitMs: error.msBeforeNext };
      throw error;
    }
  }

  /** Takes back what `take` took. */
  async giveBack(key: string, points: number): Promise<void> {
    await this.#ask((limiter) => limiter.reward(key, points));
  }

  /** Milliseconds until there is room, or null if there is. Takes nothing. */
  async waitMs(key: string): Promise<number | null> {
    const state = await this.#ask((limiter) => limiter.get(key));
    return state !== null && state.remainingPoints <= 0 ? state.msBeforeNext : null;
  }

  async #ask<T>(question: (limiter: Limiter) => Promise<T>): Promise<T> {
    if (!this.#shared || performance.now() < this.#breakerOpenUntilMs) return question(this.#own);
    try {
      return await question(this.#shared);
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error;
      // The Redis client has logged the error.
      this.#breakerOpenUntilMs = performance.now() + breakerOpenMs;
      return question(this.#own);
    }
  }
}

/**
 * Limits events per second for an API key or webhook, and requests per minute for a person. The counters are
 * in Redis and shared by all web processes. Without Redis, or during an outage, each process counts for
 * itself.
 */
import type { onRequestAsyncHookHandler } from 'fastify';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../runtime/config/config.ts';
import type { Redis } from '../runtime/redis.ts';
import { tooManyRequests } from './errors/problem.ts';

/** At most `points` in a window of `seconds`, which starts with the first point. */
type Limit = { name: string; points: number; seconds: number };

type Limiter = Pick<RateLimiterMemory, 'consume'>;

/**
 * The circuit breaker's open time. After a failure Redis is not asked for so long, so that a Redis that hangs
 * delays one request and not each.
 */
const breakerOpenMs = 5_000;

class Counter {
  readonly #own: Limiter;
  readonly #shared: Limiter | null;
  #breakerOpenUntilMs = 0;

  constructor({ name, points, seconds }: Limit, redis: Redis | null) {
    const options = { keyPrefix: `spendwatch:limit:${name}`, points, duration: seconds };
    this.#own = new RateLimiterMemory(options);
    this.#shared =
      redis && new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true });
  }

  /** Resolves null if there was room, or else the milliseconds until there is. */
  async take(key: string, points: number, seconds?: number): Promise<number | null> {
    const options = seconds === undefined ? {} : { customDuration: seconds };
    try {
      await this.#consume(key, points, options);
      return null;
    } catch (error) {
      if (error instanceof RateLimiterRes) return error.msBeforeNext;
      throw error;
    }
  }

  async #consume(key: string, points: number, options: object): Promise<unknown> {
    if (!this.#shared || performance.now() < this.#breakerOpenUntilMs)
      return this.#own.consume(key, points, options);
    try {
      return await this.#shared.consume(key, points, options);
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error;
      // The Redis client has logged the error.
      this.#breakerOpenUntilMs = performance.now() + breakerOpenMs;
      return this.#own.consume(key, points, options);
    }
  }
}

export class RateLimits {
  readonly #eventsASecond: number | null;
  readonly #events: Counter;
  readonly #requests: Counter;

  constructor({ config, redis }: { config: Config; redis: Redis | null }) {
    this.#eventsASecond = config.ingestRateLimit;
    this.#events = new Counter({ name: 'events', points: config.ingestRateLimit ?? 0, seconds: 1 }, redis);
    this.#requests = new Counter({ name: 'requests', points: config.userRateLimit, seconds: 60 }, redis);
  }

  /**
   * `senderId` is the id of the API key or webhook. Throws 429 if `events` exceed the limit. A request for
   * more than one second's worth needs a second without other events. It then blocks the following seconds in
   * proportion.
   */
  async takeEvents(senderId: string, events: number): Promise<void> {
    const rate = this.#eventsASecond;
    if (rate === null) return;
    const ms = await this.#events.take(senderId, Math.min(events, rate), Math.ceil(events / rate));
    if (ms !== null)
      throw tooManyRequests(`At most ${rate} events a second are taken from one sender.`, ms / 1000);
  }

  /**
   * An `onRequest` hook that must follow `requirePerson`. It answers 429 beyond a person's requests per
   * minute.
   */
  limitPerson(): onRequestAsyncHookHandler {
    return async ({ person: { tenantId, userId } }) => {
      const ms = await this.#requests.take(`${tenantId}:${userId}`, 1);
      if (ms !== null)
        throw tooManyRequests('At most so many requests a minute are answered to one person.', ms / 1000);
    };
  }
}

/**
 * How much one caller may ask for: events a second for an API key or webhook, requests a minute for a person.
 * Counted in Redis, for all web processes together; without it, or while it is away, in each process by itself.
 */
import type { onRequestAsyncHookHandler } from 'fastify';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../runtime/config/config.ts';
import type { Redis } from '../runtime/redis.ts';
import { tooManyRequests } from './errors/problem.ts';

/** At most `points` in a window of `seconds`, which begins with the first of them. */
type Limit = { name: string; points: number; seconds: number };

type Limiter = Pick<RateLimiterMemory, 'consume'>;

/** A Redis that just failed is left alone, so that one that hangs delays one request and not each. */
const leaveAloneMs = 5_000;

class Counter {
  readonly #own: Limiter;
  readonly #shared: Limiter | null;
  #leftAloneUntilMs = 0;

  constructor({ name, points, seconds }: Limit, redis: Redis | null) {
    const options = { keyPrefix: `spendwatch:limit:${name}`, points, duration: seconds };
    this.#own = new RateLimiterMemory(options);
    this.#shared =
      redis && new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true });
  }

  /** Resolves null where there was room, else how many milliseconds are left until there is again. */
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
    if (!this.#shared || performance.now() < this.#leftAloneUntilMs)
      return this.#own.consume(key, points, options);
    try {
      return await this.#shared.consume(key, points, options);
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error;
      // Redis's client has logged it.
      this.#leftAloneUntilMs = performance.now() + leaveAloneMs;
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
   * `senderId`: the API key's or the webhook's. Throws 429 where `events` more are too many. A request of more
   * than a second's worth is taken in a second that nothing else was taken in, and then holds up the next ones
   * for as many seconds as it is worth.
   */
  async takeEvents(senderId: string, events: number): Promise<void> {
    const rate = this.#eventsASecond;
    if (rate === null) return;
    const ms = await this.#events.take(senderId, Math.min(events, rate), Math.ceil(events / rate));
    if (ms !== null)
      throw tooManyRequests(`At most ${rate} events a second are taken from one sender.`, ms / 1000);
  }

  /** An `onRequest` hook behind `requirePerson`: 429 past a person's requests a minute. */
  limitPerson(): onRequestAsyncHookHandler {
    return async ({ person: { tenantId, userId } }) => {
      const ms = await this.#requests.take(`${tenantId}:${userId}`, 1);
      if (ms !== null)
        throw tooManyRequests('At most so many requests a minute are answered to one person.', ms / 1000);
    };
  }
}

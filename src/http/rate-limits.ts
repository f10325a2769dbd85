/** Limits events per second for an API key or webhook, and requests per minute for a person. */
import type { onRequestAsyncHookHandler } from 'fastify';
import type { Config } from '../runtime/config/config.ts';
import type { Redis } from '../runtime/redis.ts';
import { Counter } from './counter.ts';
import { tooManyRequests } from './errors/problem.ts';

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
    const { waitMs } = await this.#events.take(senderId, Math.min(events, rate), Math.ceil(events / rate));
    if (waitMs !== null)
      throw tooManyRequests(`At most ${rate} events a second are taken from one sender.`, waitMs / 1000);
  }

  /**
   * An `onRequest` hook that must follow `requirePerson`. It answers 429 beyond a person's requests per
   * minute.
   */
  limitPerson(): onRequestAsyncHookHandler {
    return async ({ person: { tenantId, userId } }) => {
      const { waitMs } = await this.#requests.take(`${tenantId}:${userId}`, 1);
      if (waitMs !== null)
        throw tooManyRequests('At most so many requests a minute are answered to one person.', waitMs / 1000);
    };
  }
}

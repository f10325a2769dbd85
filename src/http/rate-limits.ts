/** Limits events per second for an API key or webhook and for a tenant, and requests per minute for a person. */
import type { onRequestAsyncHookHandler } from 'fastify';
import type { Config } from '../runtime/config/config.ts';
import type { Redis } from '../runtime/redis.ts';
import { Counter } from './counter.ts';
import { tooManyRequests } from './errors/problem.ts';

/** At most `rate` events a second. */
class EventLimit {
  readonly #whose: 'sender' | 'tenant';
  readonly #rate: number;
  readonly #counter: Counter;

  constructor(whose: 'sender' | 'tenant', rate: number, redis: Redis | null) {
    this.#whose = whose;
    this.#rate = rate;
    this.#counter = new Counter({ name: `events:${whose}`, points: rate, seconds: 1 }, redis);
  }

  /** Throws 429 if there is no room for them. */
  async take(id: string, events: number): Promise<void> {
    const { waitMs } = await this.#counter.take(id, this.#pointsOf(events), Math.ceil(events / this.#rate));
    if (waitMs === null) return;
    const detail = `At most ${this.#rate} events a second are taken from one ${this.#whose}.`;
    throw tooManyRequests(detail, waitMs / 1000);
  }

  giveBack(id: string, events: number): Promise<void> {
    return this.#counter.giveBack(id, this.#pointsOf(events));
  }

  #pointsOf(events: number): number {
    return Math.min(events, this.#rate);
  }
}

/** Who posts events: `senderId` is the id of an API key or webhook. */
type EventSender = { tenantId: string; senderId: string };

export class RateLimits {
  readonly #ofSender: EventLimit | null;
  readonly #ofTenant: EventLimit | null;
  readonly #requests: Counter;

  constructor({ config, redis }: { config: Config; redis: Redis | null }) {
    const { ingestRateLimit, tenantIngestLimit } = config;
    this.#ofSender = ingestRateLimit === null ? null : new EventLimit('sender', ingestRateLimit, redis);
    this.#ofTenant = tenantIngestLimit === null ? null : new EventLimit('tenant', tenantIngestLimit, redis);
    this.#requests = new Counter({ name: 'requests', points: config.userRateLimit, seconds: 60 }, redis);
  }

  /**
   * Throws 429 if `events` exceed a limit. A request for more than one second's worth needs a second without other events.
   * It then blocks the following seconds in proportion. The tenant's count leaves out what the sender's limit refuses, so
   * that one key that floods does not use up the tenant's share.
   */
  async takeEvents({ tenantId, senderId }: EventSender, events: number): Promise<void> {
    await this.#ofSender?.take(senderId, events);
    try {
      await this.#ofTenant?.take(tenantId, events);
    } catch (error) {
      await this.#ofSender?.giveBack(senderId, events);
      throw error;
    }
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

/**
 * TTL caches of answers: in memory, and behind it in Redis, which all web processes share. Owns the TTLs, deletion in
 * every process and hit counts. A cached value may be out of date, because Redis may have been away when it was
 * deleted. So every reader checks it against the database.
 */
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { openRedis, type Redis, waitUntilReady } from '../redis.ts';
import { RedisBus } from './redis-bus.ts';

/** The TTL of each cache; a new line adds a cache. */
const keptForMinutes = { rules: 30, recommendations: 60, benchmarks: 24 * 60 } as const;

export type CacheName = keyof typeof keptForMinutes;

const prefix = 'spendwatch:cache';
const memory = { prefix, maxItems: 20_000, maxSize: 32 * 1024 * 1024 };
/** The circuit breaker skips Redis this long after a failure, so that a hanging Redis delays one answer, not each. */
const breakerOpenMs = 5_000;

const keysAtATime = 1_000;

type Options = { metrics: Metrics; log: Log };

export class Caches {
  readonly #store: BentoCache<{ answers: ReturnType<typeof storeOf> }>;
  readonly #options: Options;
  readonly #redis: Redis | null;

  private constructor(store: ReturnType<typeof storeOf>, options: Options, redis: Redis | null) {
    this.#store = new BentoCache({ default: 'answers', prefix, stores: { answers: store } });
    this.#options = options;
    this.#redis = redis;
    // Connects the bus before the first value is cached.
    this.#store.use();
  }

  /** Caches for any number of processes. */
  static overRedis(url: string, options: Options): Caches {
    const { log } = options;
    const client = openRedis(url, 'caller', { name: 'cache', log });
    const bus = new RedisBus({ url, publisher: client, log });
    const store = storeOf()
      .useL2Layer(redisDriver({ connection: client }))
      .useBus({ options: { retryQueue: { enabled: false, retryInterval: false } }, factory: () => bus });
    return new Caches(store, options, client);
  }

  /** Caches for a single process. */
  static inMemory(options: Options): Caches {
    return new Caches(storeOf(), options, null);
  }

  /** Resolves once Redis accepts values, or after `withinMs` without it. */
  async ready(withinMs: number): Promise<void> {
    if (this.#redis) await waitUntilReady(this.#redis, withinMs);
  }

  /** Deletes what is cached in Redis of a tenant. What processes have in memory ends with its TTL. */
  async eraseTenant(tenantId: string): Promise<void> {
    if (!this.#redis) return;
    const found = this.#redis.scanStream({ match: `${prefix}:*${tenantId}*`, count: keysAtATime });
    for await (const keys of found as AsyncIterable<string[]>)
      if (keys.length > 0) await this.#redis.unlink(keys);
  }

  open<Value>(name: CacheName): Cache<Value> {
    return new Cache(name, this.#store.namespace(name), this.#options);
  }

  async close(): Promise<void> {
    await this.#store.disconnectAll();
    this.#redis?.disconnect();
  }
}

const storeOf = () =>
  bentostore({ l2CircuitBreakerDuration: breakerOpenMs }).useL1Layer(memoryDriver(memory));

/** `learned`: a newly read value to cache. It is left out if the cached value still holds. */
export type Answered<Answer, Value> = { answer: Answer; learned?: Value };

/** One cache. Its values must survive conversion to JSON and back. */
export class Cache<Value> {
  readonly #name: CacheName;
  readonly #store: ReturnType<BentoCache<never>['namespace']>;
  readonly #options: Options;

  constructor(name: CacheName, store: ReturnType<BentoCache<never>['namespace']>, options: Options) {
    this.#name = name;
    this.#store = store;
    this.#options = options;
  }

  /** `use` gets the cached value, checks it against the database and answers with it, or answers without it. */
  async answer<Answer>(
    key: string,
    use: (recalled: Value | undefined) => Promise<Answered<Answer, Value>>,
  ): Promise<Answer> {
    const { answer, learned } = await use(await this.recall(key));
    this.#options.metrics.cacheRequests.inc({ cache: this.#name, result: learned ? 'miss' : 'hit' });
    if (learned) this.remember(key, learned);
    return answer;
  }

  /** The cached value; undefined if there is none or Redis does not answer. */
  recall(key: string): Promise<Value | undefined> {
    return this.#store.get<Value | undefined>({ key });
  }

  /** Returns at once; a failure is only logged. */
  remember(key: string, value: Value): void {
    const ttl = keptForMinutes[this.#name] * 60_000;
    this.#store.set({ key, value, ttl }).catch(this.#note);
  }

  /** Reads and caches the value ahead of the first request, unless it is cached. Not counted as a hit or miss. */
  async warm(key: string, learn: () => Promise<Value | null>): Promise<void> {
    if (await this.recall(key)) return;
    const learned = await learn();
    if (learned) this.remember(key, learned);
  }

  /** Deletes the value in every process and returns at once. Until it is deleted, readers' checks reject it. */
  forget(key: string): void {
    this.#store.delete({ key }).catch(this.#note);
  }

  /** As `forget`, and resolves when it is done. A failure is only logged: the value then ends with its TTL. */
  async erase(key: string): Promise<void> {
    await this.#store.delete({ key }).catch(this.#note);
  }

  readonly #note = (err: unknown): void => this.#options.log.warn({ err, cache: this.#name }, 'cache failed');
}

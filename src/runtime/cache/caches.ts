/**
 * What may be kept of answers, and for how long: in memory, and behind it in Redis, which all web processes
 * share. Owns keeping, forgetting everywhere, and counting. What is recalled may be out of date, for Redis may
 * have been away when it was to be forgotten: whoever recalls proves against the database that it still holds.
 */
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { openRedis } from '../redis.ts';
import { RedisBus } from './redis-bus.ts';

/** Add a cache by a line here. */
const keptForMinutes = { rules: 30, recommendations: 60, benchmarks: 24 * 60 } as const;

export type CacheName = keyof typeof keptForMinutes;

const prefix = 'spendwatch:cache';
const memory = { prefix, maxItems: 20_000, maxSize: 32 * 1024 * 1024 };
/** After a failure Redis is not asked for this long, so that one that hangs delays one answer and not each. */
const leaveAloneMs = 5_000;

type Options = { metrics: Metrics; log: Log };

export class Caches {
  readonly #store: BentoCache<{ answers: ReturnType<typeof storeOf> }>;
  readonly #options: Options;
  readonly #disconnect: () => void;

  private constructor(store: ReturnType<typeof storeOf>, options: Options, disconnect: () => void) {
    this.#store = new BentoCache({ default: 'answers', prefix, stores: { answers: store } });
    this.#options = options;
    this.#disconnect = disconnect;
    // Connects the bus before the first answer is kept.
    this.#store.use();
  }

  /** For any number of processes. */
  static overRedis(url: string, options: Options): Caches {
    const { log } = options;
    const client = openRedis(url, 'caller', { name: 'cache', log });
    const bus = new RedisBus({ url, publisher: client, log });
    const store = storeOf()
      .useL2Layer(redisDriver({ connection: client }))
      .useBus({ options: { retryQueue: { enabled: false, retryInterval: false } }, factory: () => bus });
    return new Caches(store, options, () => client.disconnect());
  }

  /** For a process that has no other beside it. */
  static inMemory(options: Options): Caches {
    return new Caches(storeOf(), options, () => undefined);
  }

  open<Value>(name: CacheName): Cache<Value> {
    return new Cache(name, this.#store.namespace(name), this.#options);
  }

  async close(): Promise<void> {
    await this.#store.disconnectAll();
    this.#disconnect();
  }
}

const storeOf = () => bentostore({ l2CircuitBreakerDuration: leaveAloneMs }).useL1Layer(memoryDriver(memory));

/** `learned`: read anew, to be remembered from now on; left out where what was recalled was proven. */
export type Answered<Answer, Value> = { answer: Answer; learned?: Value };

/** Values survive a round of JSON. */
export class Cache<Value> {
  readonly #name: CacheName;
  readonly #store: ReturnType<BentoCache<never>['namespace']>;
  readonly #options: Options;

  constructor(name: CacheName, store: ReturnType<BentoCache<never>['namespace']>, options: Options) {
    this.#name = name;
    this.#store = store;
    this.#options = options;
  }

  /** `use` answers by what is recalled, once it has proven it, or else without it. */
  async answer<Answer>(
    key: string,
    use: (recalled: Value | undefined) => Promise<Answered<Answer, Value>>,
  ): Promise<Answer> {
    const { answer, learned } = await use(await this.recall(key));
    this.#options.metrics.cacheRequests.inc({ cache: this.#name, result: learned ? 'miss' : 'hit' });
    if (learned) this.remember(key, learned);
    return answer;
  }

  /** Undefined also where Redis does not answer. */
  recall(key: string): Promise<Value | undefined> {
    return this.#store.get<Value | undefined>({ key });
  }

  /** Nobody waits for it. */
  remember(key: string, value: Value): void {
    const ttl = keptForMinutes[this.#name] * 60_000;
    this.#store.set({ key, value, ttl }).catch(this.#note);
  }

  /** Learns what is not recalled, before anybody asks: not counted. */
  async warm(key: string, learn: () => Promise<Value | null>): Promise<void> {
    if (await this.recall(key)) return;
    const learned = await learn();
    if (learned) this.remember(key, learned);
  }

  /** In every process. Nobody waits for it: until it is done, what is recalled fails its proof. */
  forget(key: string): void {
    this.#store.delete({ key }).catch(this.#note);
  }

  readonly #note = (err: unknown): void => this.#options.log.warn({ err, cache: this.#name }, 'cache failed');
}

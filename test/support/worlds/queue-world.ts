/** Opens queues on each kind of store, with processes on them, and removes everything after each test. */
import { randomUUIDv7 } from 'node:crypto';
import { afterEach, beforeEach, describe, inject } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.ts';
import { done, type JobOutcome } from '../../../src/runtime/queues/outcome.ts';
import { serviceRole } from '../../../src/runtime/database/admit-service.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';
import type { QueueBackend } from '../../../src/runtime/queues/backend.ts';
import { consume, type Handler } from '../../../src/runtime/queues/consume.ts';
import type { Consumer } from '../../../src/runtime/queues/consumer.ts';
import { postgresBackend } from '../../../src/runtime/queues/postgres.ts';
import { Queues } from '../../../src/runtime/queues/enqueue.ts';
import { redisBackend } from '../../../src/runtime/queues/redis.ts';
import { openRedis, waitUntilReady } from '../../../src/runtime/redis.ts';
import { freshDatabase } from '../servers/database.ts';
import { Proxy } from '../servers/proxy.ts';
import { testPrefix, whyNoRedis } from '../servers/redis.ts';
import { scheduledJobs } from '../../../src/runtime/queues/scheduled-jobs.ts';

type Work = Handler<(typeof scheduledJobs)['schema']>;

type Store = {
  /** Opens a backend of its own, as another process would. With a proxy, all its connections pass through it. */
  open(proxy?: Proxy): Promise<QueueBackend>;
  /** The address that a proxy forwards to. */
  address: string;
  close(): Promise<void>;
};

/** `title` has the reason if a store is not available. */
const stores = [
  { title: 'PostgreSQL', isThere: true, make: onPostgres },
  {
    title: whyNoRedis === null ? 'Redis' : `Redis (${whyNoRedis})`,
    isThere: whyNoRedis === null,
    make: onRedis,
  },
] as const;

const silent = createLog('silent');
export const clock = systemClock();

async function onPostgres(): Promise<Store> {
  const database = await freshDatabase();
  const open = async (proxy?: Proxy) =>
    postgresBackend(proxy?.through(database.url) ?? database.url, serviceRole, () => undefined);
  return { open, address: database.url, close: () => database.drop() };
}

async function onRedis(): Promise<Store> {
  const address = inject('redisServer') ?? '';
  const prefix = testPrefix();
  const open = async (proxy?: Proxy) => {
    const url = proxy?.through(address) ?? address;
    const client = openRedis(url, 'caller', { name: 'caller', log: silent });
    await waitUntilReady(client, 5_000);
    const backend = redisBackend({ url, client, log: silent, prefix });
    const close = async () => {
      await backend.close();
      client.disconnect();
    };
    return { ...backend, close };
  };
  return { open, address, close: async () => undefined };
}

class QueueWorld {
  /** The log lines of the queues. */
  readonly lines: string[] = [];
  readonly #store: Store;
  /** The steps of the shutdown, in order: consumers, connections, proxies, the store. */
  readonly #leaving: (() => Promise<void>)[];

  private constructor(store: Store) {
    this.#store = store;
    this.#leaving = [() => store.close()];
  }

  static async on(make: () => Promise<Store>): Promise<QueueWorld> {
    return new QueueWorld(await make());
  }

  async leave(): Promise<void> {
    for (const leave of this.#leaving) await leave();
  }

  /** Registers a step that runs first at the end of the test. */
  onLeave(leave: () => void): void {
    this.#leaving.unshift(async () => leave());
  }

  /** Starts a proxy to the store for a process. */
  wire(): Promise<Proxy> {
    return Proxy.start(this.#store.address);
  }

  /** Starts a process with its queues and consumers. */
  async join(proxy?: Proxy) {
    const backend = await this.#store.open(proxy);
    const queues = new Queues(
      backend,
      [scheduledJobs],
      createLog('info', { write: (line) => void this.lines.push(line) }),
    );
    const consumers: Consumer[] = [];
    this.#leaving.unshift(async () => {
      // A silent proxy would keep connections from closing.
      await proxy?.cut();
      await Promise.all(consumers.map((consumer) => consumer.close(200)));
      await queues.close();
      await backend.close();
    });
    const run = (work: Work, concurrency = 1) => {
      const options = { concurrency, clock, log: silent, metrics: createMetrics() };
      const consumer = consume(backend, scheduledJobs, work, options);
      consumers.push(consumer);
      return consumer;
    };
    return { backend, queues, queue: queues.named(scheduledJobs.name), run };
  }
}

/** Runs the same tests on every store; `at.world` is a new one for each test. */
export function onEveryStore(tests: (at: { readonly world: QueueWorld }) => void): void {
  for (const { title, isThere, make } of stores)
    describe.runIf(isThere)(`the queues on ${title}`, () => {
      let world: QueueWorld;
      beforeEach(async () => {
        world = await QueueWorld.on(make);
      });
      afterEach(() => world.leave());
      tests({
        get world() {
          return world;
        },
      });
    });
}

export const payload = () => ({ job: `job-${randomUUIDv7()}`, slot: '2026-03-01T03:30:00Z' });

/** Makes a handler that returns scripted outcomes, repeating the last one, and records its calls. */
export function scripted(...outcomes: (() => JobOutcome)[]) {
  const calls: { job: string; at: number; isLast: boolean | undefined }[] = [];
  const work: Work = async ({ job }, { isLastAttempt }) => {
    calls.push({ job, at: performance.now(), isLast: isLastAttempt });
    const outcome = outcomes[Math.min(calls.length, outcomes.length) - 1];
    return outcome?.() ?? done();
  };
  return { calls, work };
}

export const soon = { timeout: 10_000, interval: 10 };

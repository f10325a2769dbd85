/** Runs the roles of a process on services that are open already: any of web, worker and clock. */
import { schedules } from '../jobs/index.ts';
import { workerNames, workers } from '../workers/index.ts';
import { Caches } from './runtime/cache/caches.ts';
import { SettingError } from './runtime/config/config.ts';
import type { Contract } from './runtime/queues/contract.ts';
import { contracts } from './queue-contracts.ts';
import { buildApp } from './http/app.ts';
import { listen } from './http/listen.ts';
import { RateLimits } from './http/rate-limits.ts';
import { consume, type Handler } from './runtime/queues/consume.ts';
import type { Consumer } from './runtime/queues/consumer.ts';
import { watchWorker } from './runtime/queues/watch-worker.ts';
import { watchJobs } from './operate/overdue-jobs.ts';
import { Scheduler } from './operate/scheduler.ts';
import type { Services } from './services.ts';

export const roles = ['web', 'worker', 'clock'] as const;
export type Role = (typeof roles)[number];

export type Running = {
  services: Services;
  /** The URL on which the web role listens. Null without that role. */
  url: string | null;
  /** Stops the roles, the last started first, and closes the services. */
  stop(): Promise<void>;
};

/** Jobs that do not end within this time go back to the queue. */
const stopWithinMs = 10_000;
const answeredWithinMs = 3_000;

/** `onStalled` is called if a worker is stalled. By default the process ends, so that its supervisor restarts it. */
export type StartOptions = { onStalled?: (queue: string) => void };

export async function start(
  services: Services,
  asked: readonly Role[],
  { onStalled = () => process.exit(1) }: StartOptions = {},
): Promise<Running> {
  await using started = new AsyncDisposableStack();
  started.defer(() => services.close());
  if (asked.includes('worker')) startWorkers(services, started, onStalled);
  if (asked.includes('clock')) startClock(services, started);
  const url = asked.includes('web') ? await startWeb(services, asked, started) : null;
  const running = started.move();
  return { services, url, stop: () => running.disposeAsync() };
}

function startWorkers(
  services: Services,
  started: AsyncDisposableStack,
  onStalled: (queue: string) => void,
): void {
  const consumers = chosen(services.config.workers).map((key) => startWorker(services, key));
  // Close all workers at once, so that their time limits do not add up.
  started.defer(async () => {
    await Promise.all(consumers.map((consumer) => consumer.close(stopWithinMs)));
  });
  for (const consumer of consumers) started.defer(watch(services, consumer, onStalled));
}

function startWorker(services: Services, key: keyof typeof contracts): Consumer {
  const { backend, clock, log, metrics } = services;
  const { concurrency, handler } = workers[key];
  // The table ties each handler to its contract, and `consume` checks the payload against that contract.
  return consume(
    backend,
    contracts[key] as Contract,
    handler(services, schedules) as Handler<Contract['schema']>,
    {
      concurrency,
      clock,
      log,
      metrics,
    },
  );
}

function watch(
  { backend, queues, log }: Services,
  consumer: Consumer,
  onStalled: (queue: string) => void,
): () => void {
  return watchWorker(consumer, queues.named(consumer.name), {
    isUp: () => backend.isUp(),
    onStalled: (seen) => {
      log.fatal({ queue: consumer.name, ...seen }, 'worker is wedged: work waits and it takes none');
      onStalled(consumer.name);
    },
  });
}

function chosen(names: readonly string[] | null): (keyof typeof contracts)[] {
  const unknown = names?.find((name) => !workerNames.includes(name));
  if (unknown)
    throw new SettingError(`setting WORKERS: ${unknown} is no worker; there are ${workerNames.join(', ')}`);
  const keys = Object.keys(contracts) as (keyof typeof contracts)[];
  return keys.filter((key) => names?.includes(contracts[key].worker) ?? true);
}

function startClock(services: Services, started: AsyncDisposableStack): void {
  const scheduler = new Scheduler({ ...services, jobs: schedules });
  scheduler.start();
  started.defer(() => scheduler.stop());
}

/** Without Redis a cache is safe only if no other process writes its data: all roles here, on an embedded database. */
function openCaches(
  services: Services,
  asked: readonly Role[],
  started: AsyncDisposableStack,
): Caches | null {
  const { redisUrl, databaseUrl } = services.config;
  const isAlone = !databaseUrl && roles.every((role) => asked.includes(role));
  if (!redisUrl && !isAlone) return null;
  const caches = redisUrl ? Caches.overRedis(redisUrl, services) : Caches.inMemory(services);
  return started.adopt(caches, () => caches.close());
}

/** Waits for requests under way, up to a limit that leaves the other roles time to stop. */
async function closeWeb(app: Awaited<ReturnType<typeof buildApp>>): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), answeredWithinMs);
  await app.close();
  clearTimeout(timer);
}

async function startWeb(
  services: Services,
  asked: readonly Role[],
  started: AsyncDisposableStack,
): Promise<string> {
  const limits = new RateLimits(services);
  const whyJobsRest = watchJobs(services, schedules);
  const caches = openCaches(services, asked, started);
  const app = started.adopt(
    await buildApp({ ...services, db: services.requestDb, limits, caches, whyJobsRest }),
    closeWeb,
  );
  return listen(app, services.config);
}

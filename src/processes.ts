/** Runs what a process is for: any of web, worker and clock, on services opened before. */
import type { AddressInfo } from 'node:net';
import { schedules } from '../jobs/index.ts';
import { workerNames, workers } from '../workers/index.ts';
import { SettingError } from './config.ts';
import type { Contract } from './contracts/contract.ts';
import { contracts } from './contracts/index.ts';
import { buildApp } from './http/app.ts';
import { consume, type Handler } from './queue/consume.ts';
import { Scheduler } from './scheduler.ts';
import type { Services } from './services.ts';

export const roles = ['web', 'worker', 'clock'] as const;
export type Role = (typeof roles)[number];

export type Running = {
  services: Services;
  /** Where the web role listens; null without it. */
  url: string | null;
  /** Stops the roles, last first, and closes the services. */
  stop(): Promise<void>;
};

/** A worker that does not finish in this time is left; its job goes to another. */
const stopWithinMs = 10_000;

export async function start(services: Services, asked: readonly Role[]): Promise<Running> {
  await using started = new AsyncDisposableStack();
  started.defer(() => services.close());
  if (asked.includes('worker')) startWorkers(services, started);
  if (asked.includes('clock')) startClock(services, started);
  const url = asked.includes('web') ? await startWeb(services, started) : null;
  const running = started.move();
  return { services, url, stop: () => running.disposeAsync() };
}

function startWorkers(services: Services, started: AsyncDisposableStack): void {
  const { backend, clock, log, metrics } = services;
  for (const key of chosen(services.config.workers)) {
    const { concurrency, handler } = workers[key];
    // Each handler takes its own contract's payload, which `consume` checks; the table ties the two.
    const worker = consume(
      backend,
      contracts[key] as Contract,
      handler(services) as Handler<Contract['schema']>,
      {
        concurrency,
        clock,
        log,
        metrics,
      },
    );
    started.defer(() => closeWithin(worker, stopWithinMs));
  }
}

function chosen(names: readonly string[] | null): (keyof typeof contracts)[] {
  const unknown = names?.find((name) => !workerNames.includes(name));
  if (unknown)
    throw new SettingError(`setting WORKERS: ${unknown} is no worker; there are ${workerNames.join(', ')}`);
  const keys = Object.keys(contracts) as (keyof typeof contracts)[];
  return keys.filter((key) => names?.includes(contracts[key].worker) ?? true);
}

/** Waits for jobs under way, then lets go: an unbounded close would wait for a hung job for ever. */
async function closeWithin(worker: { close(force?: boolean): Promise<void> }, ms: number): Promise<void> {
  const timeout = AbortSignal.timeout(ms);
  const tooLate = new Promise<'late'>((resolve) => timeout.addEventListener('abort', () => resolve('late')));
  if ((await Promise.race([worker.close(), tooLate])) === 'late') await worker.close(true);
}

function startClock(services: Services, started: AsyncDisposableStack): void {
  const scheduler = new Scheduler({ ...services, jobs: schedules });
  scheduler.start();
  started.defer(() => scheduler.stop());
}

async function startWeb(services: Services, started: AsyncDisposableStack): Promise<string> {
  const app = started.adopt(await buildApp(services), (app) => app.close());
  const { host, port } = services.config;
  await app.listen({ host, port });
  // Listening on TCP, so never a pipe's name.
  const address = app.server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown}:${address.port}`;
}

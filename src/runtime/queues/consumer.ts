/**
 * The worker of one queue in this process: the jobs it has, and how it returns them to the queue when it stops. The
 * processor does the work.
 */
import type { Job, Worker } from 'bullmq';
import type { Log } from '../log.ts';
import type { QueueBackend } from './backend.ts';
import { within } from '../within.ts';

type Processor = (job: Job, token?: string, signal?: AbortSignal) => Promise<string>;

export type ConsumerOptions = {
  backend: QueueBackend;
  name: string;
  concurrency: number;
  process: Processor;
  log: Log;
};

/**
 * A dead worker is noticed once its lock has expired, at the latest by the second check of another worker: within
 * 15 seconds. The library's defaults take a minute, and give a job up at the second crash.
 */
const crashRecovery = { lockDuration: 8_000, stalledInterval: 1_500, maxStalledCount: 10 };

/** The time to return jobs and close the worker, beyond the time its jobs were given. */
const letGoWithinMs = 1_000;

export class Consumer {
  readonly name: string;
  readonly concurrency: number;
  readonly #worker: Worker;
  readonly #log: Log;
  readonly #isUp: () => boolean;
  readonly #active = new Map<Job, string>();
  #turnovers = 0;
  #isLettingGo = false;

  constructor({ backend, name, concurrency, process, log }: ConsumerOptions) {
    this.name = name;
    this.concurrency = concurrency;
    this.#log = log;
    this.#isUp = () => backend.isUp();
    // The library passes a signal only to a processor with three parameters.
    const track = (job: Job, token?: string, signal?: AbortSignal) =>
      this.#track(job, token ?? '', () => process(job, token, signal));
    this.#worker = backend.worker(name, track, { concurrency, ...crashRecovery });
    this.#worker.on('error', (err) => {
      if (!this.#isLettingGo && !backend.isOutage(err)) log.error({ err }, 'worker error');
    });
  }

  /** Jobs being handled. */
  get activeJobs(): number {
    return this.#active.size;
  }

  /** Grows with every job that starts or ends. */
  get turnovers(): number {
    return this.#turnovers;
  }

  get isPaused(): boolean {
    return this.#worker.isPaused();
  }

  /** Resolves when the worker takes jobs. */
  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  /**
   * Takes no more jobs and gives running ones `withinMs` to end. Jobs that have not ended are then returned to the
   * queue, and their handlers' signal is aborted. If returning fails, another worker takes the job once its lock
   * expires.
   */
  async close(withinMs = 10_000): Promise<void> {
    const closing = this.#worker.close();
    // While the store is away the library waits for it, even if no job is running.
    const isIdle = this.activeJobs === 0 && !this.#isUp();
    if (await isInTime(closing, isIdle ? letGoWithinMs : withinMs)) return;
    this.#isLettingGo = true;
    await isInTime(this.#handBack(), letGoWithinMs);
    this.#worker.cancelAllJobs('stopping');
    await isInTime(closing, letGoWithinMs);
  }

  async #track(job: Job, token: string, work: () => Promise<string>): Promise<string> {
    this.#active.set(job, token);
    this.#turnovers += 1;
    try {
      return await work();
    } finally {
      this.#active.delete(job);
      this.#turnovers += 1;
    }
  }

  async #handBack(): Promise<void> {
    const active = [...this.#active];
    if (active.length === 0) return;
    const results = await Promise.allSettled(active.map(([job, token]) => job.moveToWait(token)));
    const returned = results.filter(({ status }) => status === 'fulfilled').length;
    this.#log.warn({ returned, held: active.length }, 'stopped in the middle of jobs; handed them back');
  }
}

/** Resolves to false if the work fails or takes longer. While stopping, a failure cannot be handled any more. */
function isInTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  return within(ms, work).then(
    () => true,
    () => false,
  );
}

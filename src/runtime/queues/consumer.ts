/**
 * One queue's worker in this process: which jobs it holds, and how it lets go of them. What a job does is its
 * processor's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import type { Log } from '../log.ts';
import type { QueueBackend } from './backend.ts';

type Processor = (job: Job, token?: string, signal?: AbortSignal) => Promise<string>;

export type ConsumerOptions = {
  backend: QueueBackend;
  name: string;
  concurrency: number;
  process: Processor;
  log: Log;
};

/**
 * A worker that died is noticed when its lock has run out, at the second look of another at the latest: in
 * less than 15 seconds. The library's defaults take a minute, and give a job up at the second time.
 */
const crashRecovery = { lockDuration: 8_000, stalledInterval: 1_500, maxStalledCount: 10 };

/** How long letting go of a worker may take beyond what its jobs were given. */
const letGoWithinMs = 1_000;

export class Consumer {
  readonly name: string;
  readonly concurrency: number;
  readonly #worker: Worker;
  readonly #log: Log;
  readonly #isUp: () => boolean;
  readonly #held = new Map<Job, string>();
  #turnovers = 0;
  #isLettingGo = false;

  constructor({ backend, name, concurrency, process, log }: ConsumerOptions) {
    this.name = name;
    this.concurrency = concurrency;
    this.#log = log;
    this.#isUp = () => backend.isUp();
    // Three arguments, or the library passes no signal.
    const hold = (job: Job, token?: string, signal?: AbortSignal) =>
      this.#hold(job, token ?? '', () => process(job, token, signal));
    this.#worker = backend.worker(name, hold, { concurrency, ...crashRecovery });
    this.#worker.on('error', (err) => {
      if (!this.#isLettingGo && !backend.isOutage(err)) log.error({ err }, 'worker error');
    });
  }

  /** Jobs being handled. */
  get activeJobs(): number {
    return this.#held.size;
  }

  /** Counts every job taken up and every job ended. */
  get turnovers(): number {
    return this.#turnovers;
  }

  get isPaused(): boolean {
    return this.#worker.isPaused();
  }

  /** Resolves when it takes jobs. */
  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  /**
   * Takes no more jobs and gives those under way `withinMs` to end. What has not ended then is handed back to
   * the queue, and its handler told to stop; where that fails too, another worker takes it once its lock ends.
   */
  async close(withinMs = 10_000): Promise<void> {
    const closing = this.#worker.close();
    // With the store away the library waits for it to be back, also where there is nothing to end.
    const isIdle = this.activeJobs === 0 && !this.#isUp();
    if (await isInTime(closing, isIdle ? letGoWithinMs : withinMs)) return;
    this.#isLettingGo = true;
    await isInTime(this.#handBack(), letGoWithinMs);
    this.#worker.cancelAllJobs('stopping');
    await isInTime(closing, letGoWithinMs);
  }

  async #hold(job: Job, token: string, work: () => Promise<string>): Promise<string> {
    this.#held.set(job, token);
    this.#turnovers += 1;
    try {
      return await work();
    } finally {
      this.#held.delete(job);
      this.#turnovers += 1;
    }
  }

  async #handBack(): Promise<void> {
    const held = [...this.#held];
    if (held.length === 0) return;
    const results = await Promise.allSettled(held.map(([job, token]) => job.moveToWait(token)));
    const returned = results.filter(({ status }) => status === 'fulfilled').length;
    this.#log.warn({ returned, activeJobs: held.length }, 'stopped in the middle of jobs; handed them back');
  }
}

/** False where it takes longer, or fails: what fails while stopping has nobody left to mend it. */
async function isInTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const ended = work.then(
    () => true,
    () => false,
  );
  const inTime = await Promise.race([ended, late]);
  timer.abort();
  return inTime;
}

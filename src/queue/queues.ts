/**
 * The doorbell: rings for work that is already committed. Losing a ring costs time, never work, so a store
 * that does not answer is logged and left to `sweep-pending`.
 */
import type { Queue } from 'bullmq';
import type { Contract, Payload } from '../contracts/contract.ts';
import { contracts } from '../contracts/index.ts';
import type { Log } from '../log.ts';
import type { QueueBackend } from './backend.ts';

/** Finished jobs stay a while, to be looked at on the board; few, as each end of a job walks through them. */
const maxFinished = 100;
const kept = {
  removeOnComplete: { count: maxFinished },
  removeOnFail: { age: 7 * 24 * 3600, count: maxFinished },
};

const firstRetryMs = 500;

export class Queues {
  readonly #backend: QueueBackend;
  readonly #log: Log;
  readonly #queues: ReadonlyMap<string, Queue>;

  constructor(backend: QueueBackend, log: Log) {
    this.#backend = backend;
    this.#log = log;
    this.#queues = new Map(Object.values(contracts).map(({ name }) => [name, backend.queue(name)]));
    for (const queue of this.#queues.values()) queue.on('error', (err) => log.error({ err }, 'queue error'));
  }

  /** Every queue, for the board. */
  get all(): Queue[] {
    return [...this.#queues.values()];
  }

  /** Queues a job for each payload; one already queued under its id stays as it is. */
  async ring<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    if (payloads.length === 0) return;
    try {
      await addAll(
        this.#queueOf(contract),
        payloads.map((payload) => jobOf(contract, payload)),
      );
    } catch (err) {
      this.#log.warn(
        { err, queue: contract.name, jobs: payloads.length },
        'could not ring; left to the sweep',
      );
    }
  }

  /**
   * Rings for work found undone though it may have been rung for before. A finished job keeps its id for a
   * while, and adding that id again would do nothing: such jobs are retried, the others added.
   */
  async ringAgain<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    if (payloads.length === 0) return;
    const queue = this.#queueOf(contract);
    const ids = new Set(payloads.map((payload) => contract.jobId(payload)));
    for (const state of ['failed', 'completed'] as const) {
      const jobs = await queue.getJobs([state], 0, maxFinished);
      await Promise.all(jobs.filter(({ id }) => id && ids.has(id)).map((job) => job.retry(state)));
    }
    await this.ring(contract, payloads);
  }

  async ping(): Promise<void> {
    await this.#backend.ping();
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((queue) => queue.close()));
  }

  #queueOf(contract: Contract): Queue {
    const queue = this.#queues.get(contract.name);
    if (!queue) throw new Error(`no queue for contract ${contract.name}`);
    return queue;
  }
}

/** On PostgreSQL, adding in bulk makes temporary tables each time: ten milliseconds, and worth it for many only. */
const bulkFrom = 20;

async function addAll(queue: Queue, jobs: readonly ReturnType<typeof jobOf>[]): Promise<void> {
  if (jobs.length >= bulkFrom) await queue.addBulk([...jobs]);
  else await Promise.all(jobs.map(({ name, data, opts }) => queue.add(name, data, opts)));
}

const jobOf = <C extends Contract>(contract: C, payload: Payload<C>) => ({
  name: contract.title(payload),
  data: payload,
  opts: {
    jobId: contract.jobId(payload),
    attempts: contract.attempts,
    backoff: { type: 'exponential', delay: firstRetryMs, jitter: 0.5 },
    ...kept,
  },
});

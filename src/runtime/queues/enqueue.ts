/**
 * Enqueues queue signals for work that is already committed. A lost signal costs time, never work. So an unavailable
 * store is only logged, and `sweep-pending` enqueues the work later.
 */
import type { Queue } from 'bullmq';
import type { Contract, Payload } from './contract.ts';
import type { Log } from '../log.ts';
import { allOf } from '../database/all-of.ts';
import type { NewJob, QueueBackend } from './backend.ts';
import { probeQueue } from './probe.ts';

/** Finished jobs stay on the board for a while. The number is small, because every job that ends scans them. */
const maxFinished = 100;
const kept = {
  removeOnComplete: { count: maxFinished },
  removeOnFail: { age: 7 * 24 * 3600, count: maxFinished },
};

const firstRetryMs = 500;

/** Jobs added in one round trip. */
const chunkSize = 500;

export class Queues {
  readonly #backend: QueueBackend;
  readonly #log: Log;
  readonly #queues: ReadonlyMap<string, Queue>;
  #lostSignals = 0;

  constructor(backend: QueueBackend, contracts: readonly Contract[], log: Log) {
    this.#backend = backend;
    this.#log = log;
    this.#queues = new Map(contracts.map(({ name }) => [name, backend.queue(name)]));
    for (const queue of this.#queues.values())
      queue.on('error', (err) => {
        if (!backend.isOutage(err)) log.error({ err }, 'queue error');
      });
  }

  /** The store's name in reports to operators. */
  get dependency(): QueueBackend['dependency'] {
    return this.#backend.dependency;
  }

  /** Every queue, for the board. */
  get all(): Queue[] {
    return [...this.#queues.values()];
  }

  /** The queue of the contract with this name. */
  named(name: string): Queue {
    const queue = this.#queues.get(name);
    if (!queue) throw new Error(`no queue for contract ${name}`);
    return queue;
  }

  /** Adds a job for each payload; a job already queued under its id stays as it is. Never rejects. */
  async enqueue<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    await this.#attempt(contract, payloads, (queue) => this.#add(queue, contract, payloads));
  }

  /**
   * Enqueues unfinished work that may have been enqueued before. A finished job keeps its id for a while, and adding
   * that id again does nothing. So such jobs are retried and the others added. Never rejects.
   */
  async enqueueAgain<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    await this.#attempt(contract, payloads, async (queue) => {
      const ids = new Set(payloads.map((payload) => contract.jobId(payload)));
      for (const state of ['failed', 'completed'] as const) {
        const jobs = await queue.getJobs([state], 0, maxFinished);
        await Promise.all(jobs.filter(({ id }) => id && ids.has(id)).map((job) => job.retry(state)));
      }
      await this.#add(queue, contract, payloads);
    });
  }

  async ping(): Promise<void> {
    await this.#backend.ping();
  }

  /** Adds a job to each queue, reads it back and removes it. Rejects with the reason of the first that fails. */
  async probe(): Promise<void> {
    await allOf(this.all.map(probeQueue));
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((queue) => queue.close()));
  }

  async #add<C extends Contract>(queue: Queue, contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    const jobs = payloads.map((payload) => jobOf(contract, payload));
    for (let first = 0; first < jobs.length; first += chunkSize)
      await this.#backend.addAll(queue, jobs.slice(first, first + chunkSize));
  }

  /** A store that is known to be away is not asked, because the call would wait for its timeout. */
  async #attempt(
    contract: Contract,
    payloads: readonly unknown[],
    act: (queue: Queue) => Promise<void>,
  ): Promise<void> {
    if (payloads.length === 0) return;
    try {
      if (!this.#backend.isUp()) throw new Error('the store of the queues is away');
      await act(this.named(contract.name));
      this.#noteEnqueued();
    } catch (err) {
      this.#noteLost(contract, err);
    }
  }

  /** Logs one line for the first lost signal of an outage, and one for all of them when it is over. */
  #noteLost({ name }: Contract, err: unknown): void {
    if (this.#lostSignals === 0) this.#log.warn({ err, queue: name }, 'could not ring; left to the sweep');
    this.#lostSignals += 1;
  }

  #noteEnqueued(): void {
    if (this.#lostSignals > 0)
      this.#log.info({ lost: this.#lostSignals }, 'rings again; the sweep does the rest');
    this.#lostSignals = 0;
  }
}

const jobOf = <C extends Contract>(contract: C, payload: Payload<C>): NewJob => ({
  name: contract.title(payload),
  data: payload,
  opts: {
    jobId: contract.jobId(payload),
    attempts: contract.attempts,
    ...(contract.priority ? { priority: contract.priority(payload) } : {}),
    backoff: { type: 'exponential', delay: firstRetryMs, jitter: 0.5 },
    ...kept,
  },
});

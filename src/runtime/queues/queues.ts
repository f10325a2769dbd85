/**
 * The doorbell: rings for work that is already committed. Losing a ring costs time, never work, so a store
 * that does not answer is logged and left to `sweep-pending`.
 */
import type { Queue } from 'bullmq';
import type { Contract, Payload } from './contract.ts';
import type { Log } from '../log.ts';
import type { NewJob, QueueBackend } from './backend.ts';

/** Finished jobs stay a while, to be looked at on the board; few, as each end of a job walks through them. */
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
  #lostRings = 0;

  constructor(backend: QueueBackend, contracts: readonly Contract[], log: Log) {
    this.#backend = backend;
    this.#log = log;
    this.#queues = new Map(contracts.map(({ name }) => [name, backend.queue(name)]));
    for (const queue of this.#queues.values())
      queue.on('error', (err) => {
        if (!backend.isOutage(err)) log.error({ err }, 'queue error');
      });
  }

  /** What holds the queues, as operators are told. */
  get dependency(): QueueBackend['dependency'] {
    return this.#backend.dependency;
  }

  /** Every queue, for the board. */
  get all(): Queue[] {
    return [...this.#queues.values()];
  }

  /** Of a contract's name. */
  named(name: string): Queue {
    const queue = this.#queues.get(name);
    if (!queue) throw new Error(`no queue for contract ${name}`);
    return queue;
  }

  /** Queues a job for each payload; one already queued under its id stays as it is. Never rejects. */
  async enqueue<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    await this.#attempt(contract, payloads, (queue) => this.#add(queue, contract, payloads));
  }

  /**
   * Rings for work found undone though it may have been rung for before. A finished job keeps its id for a
   * while, and adding that id again would do nothing: such jobs are retried, the others added. Never rejects.
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

  async close(): Promise<void> {
    await Promise.all(this.all.map((queue) => queue.close()));
  }

  async #add<C extends Contract>(queue: Queue, contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    const jobs = payloads.map((payload) => jobOf(contract, payload));
    for (let first = 0; first < jobs.length; first += chunkSize)
      await this.#backend.addAll(queue, jobs.slice(first, first + chunkSize));
  }

  /** A store known to be away is not asked: it would take as long as it takes to give up. */
  async #attempt(
    contract: Contract,
    payloads: readonly unknown[],
    act: (queue: Queue) => Promise<void>,
  ): Promise<void> {
    if (payloads.length === 0) return;
    try {
      if (!this.#backend.isUp()) throw new Error('the store of the queues is away');
      await act(this.named(contract.name));
      this.#noteRung();
    } catch (err) {
      this.#noteLost(contract, err);
    }
  }

  /** One line for the first of an outage, and one for all of them when it is over. */
  #noteLost({ name }: Contract, err: unknown): void {
    if (this.#lostRings === 0) this.#log.warn({ err, queue: name }, 'could not ring; left to the sweep');
    this.#lostRings += 1;
  }

  #noteRung(): void {
    if (this.#lostRings > 0)
      this.#log.info({ lost: this.#lostRings }, 'rings again; the sweep does the rest');
    this.#lostRings = 0;
  }
}

const jobOf = <C extends Contract>(contract: C, payload: Payload<C>): NewJob => ({
  name: contract.title(payload),
  data: payload,
  opts: {
    jobId: contract.jobId(payload),
    attempts: contract.attempts,
    backoff: { type: 'exponential', delay: firstRetryMs, jitter: 0.5 },
    ...kept,
  },
});

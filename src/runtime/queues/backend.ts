/** The store of the queues, as an interface. One file per store implements it; nothing else knows which is used. */
import type { Job, Processor, Queue, Worker, WorkerOptions } from 'bullmq';

export type NewJob = Pick<Job, 'name' | 'data' | 'opts'>;

export type QueueBackend = {
  /** The store's name in reports to operators when it fails. */
  readonly dependency: 'queue' | 'redis';
  /** False while commands would fail or wait. Does not ask the store. */
  isUp(): boolean;
  queue(name: string): Queue;
  worker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection' | 'prefix'>): Worker;
  /** Adds jobs in the cheapest way for this store. */
  addAll(queue: Queue, jobs: readonly NewJob[]): Promise<void>;
  /** True for errors that only say that the store is away, which is logged already. */
  isOutage(error: unknown): boolean;
  /** Resolves if the store answers, with the right session, and evicts nothing; rejects with the reason otherwise. */
  ping(): Promise<void>;
  /** Closes the connections that queues and workers share. Close the queues and workers first. */
  close(): Promise<void>;
};

/** What the queues need of a store. One file per store implements it; nothing else knows which it is. */
import type { Job, Processor, Queue, Worker, WorkerOptions } from 'bullmq';

export type NewJob = Pick<Job, 'name' | 'data' | 'opts'>;

export type QueueBackend = {
  /** What fails when it does, as operators are told. */
  readonly dependency: 'queue' | 'redis';
  /** False while commands would fail or wait: known without asking the store. */
  isUp(): boolean;
  queue(name: string): Queue;
  worker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection' | 'prefix'>): Worker;
  /** Adds jobs in the way that is cheapest here. */
  addAll(queue: Queue, jobs: readonly NewJob[]): Promise<void>;
  /** Whether an error says only that the store is away, which is on the log already. */
  isOutage(error: unknown): boolean;
  /** Resolves when the store answers and keeps what it is given, rejects with why not. */
  ping(): Promise<void>;
  /** Closes what the queues and workers share; they themselves are closed first. */
  close(): Promise<void>;
};

/** What the queues need of a store. One file per store implements it; nothing else knows which it is. */
import type { Processor, Queue, Worker, WorkerOptions } from 'bullmq';

export type QueueBackend = {
  queue(name: string): Queue;
  worker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection'>): Worker;
  /** Resolves when the store answers, rejects with why not. */
  ping(): Promise<void>;
  /** Closes what the queues and workers share; they themselves are closed first. */
  close(): Promise<void>;
};

/** Stands in for the queues where a test asks only what is enqueued. */
import type { Contract, Payload } from '../../../src/runtime/queues/contract.ts';

/** Records the titles of the jobs it is given. */
export class QueueRecorder {
  readonly enqueued: string[] = [];
  readonly enqueuedAgain: string[] = [];
  /** How often it was called, with jobs or without. */
  calls = 0;

  async enqueue<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    this.calls += 1;
    this.enqueued.push(...payloads.map((payload) => contract.title(payload)));
  }

  async enqueueAgain<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    this.calls += 1;
    this.enqueuedAgain.push(...payloads.map((payload) => contract.title(payload)));
  }
}

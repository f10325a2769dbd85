/** Replaces the queues in tests that check only the jobs enqueued. */
import type { Contract, Payload } from '../../../src/runtime/queues/contract.ts';

/** Records the titles of enqueued jobs. */
export class QueueRecorder {
  readonly enqueued: string[] = [];
  readonly enqueuedAgain: string[] = [];
  /** Counts the calls, also those without jobs. */
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

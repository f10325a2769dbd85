/**
 * Accepts events. Requests that arrive while a commit is running share the next one, which spreads the cost of a
 * durable commit over all of them. Beside a large commit a second one may run, of other
 * tenants. This module owns batching, order and the limit on waiting events. The statement is in `sql/store-events.ts`.
 */
import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../runtime/clock.ts';
import type { IncomingEvent } from './decide/event.ts';
import type { Database } from '../runtime/database/database.ts';
import { isLarge, type Request, WaitingRequests } from './waiting-requests.ts';
import { type IngestResult, storeEvents, type StoredBatch } from './sql/store-events.ts';

/** A commit takes at most this many events. Further events wait for the next, except in a single larger request. */
const maxEventsPerCommit = 2000;

/**
 * The limit on events that are not durable yet, including those of the running commit. Field lengths bound an event to
 * a few kilobytes, so this bounds the memory too.
 */
const defaultMaxWaitingEvents = 20_000;

/** Events arrive faster than the database stores them. None of the request's events was accepted. */
export class InboxFull extends Error {}

/** Batches that share one queue signal. */
type StoredBatches = { batchIds: string[]; tenantIds: string[]; events: number };

/**
 * Time between two queue signals. The first batch after a pause is signalled at once. The time grows with the events
 * of the last signal, because one evaluation of many events costs far less than many of few.
 */
const signalAfterMs = { atLeast: 10, forEachEvent: 0.2, atMost: 100 } as const;

type Waiting = Request & {
  resolve: (results: IngestResult[]) => void;
  reject: (error: unknown) => void;
};

export type InboxOptions = {
  db: Database;
  clock: Clock;
  /** Sends the queue signal for committed batches. No caller waits for it: if it is lost, the sweep sends it again. */
  onStored: (stored: StoredBatches) => Promise<void>;
  maxWaitingEvents?: number;
};

export class Inbox {
  readonly #options: InboxOptions;
  readonly #waiting: WaitingRequests<Waiting>;
  /** Each takes commits, one after the other, until it finds nothing to do. */
  readonly #lanes = new Set<Promise<void>>();
  #openLanes = 0;
  readonly #running = new Set<readonly Waiting[]>();
  #unsignalled: StoredBatch[] = [];
  #signalling: Promise<void> | null = null;
  readonly #closing = Promise.withResolvers<void>();

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#waiting = new WaitingRequests(options.maxWaitingEvents ?? defaultMaxWaitingEvents);
  }

  /**
   * Throws `InboxFull` if not even one event of the tenant has room. For callers that can tell before they have read the
   * events.
   */
  assertRoom(tenantId: string): void {
    if (!this.#waiting.hasRoom(tenantId, 1)) throw new InboxFull();
  }

  /**
   * Resolves once the events are durable, with one result for each, in the order given. Rejects if they could not be
   * stored, and at once with `InboxFull` if too many events are waiting. All are of one tenant.
   */
  async accept(events: readonly IncomingEvent[]): Promise<IngestResult[]> {
    const [first] = events;
    if (!first) return [];
    const { tenantId } = first;
    if (!this.#waiting.hasRoom(tenantId, events.length)) throw new InboxFull();
    const { promise, resolve, reject } = Promise.withResolvers<IngestResult[]>();
    const request = { tenantId, events, resolve, reject };
    this.#waiting.add(request);
    this.#openLane();
    try {
      return await promise;
    } finally {
      this.#waiting.end(request);
    }
  }

  /** Resolves when every waiting event is committed and every batch is signalled. */
  async close(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes);
    this.#closing.resolve();
    await this.#signalling;
  }

  /** A second one only beside a large commit, for the other tenants. */
  #openLane(): void {
    const [commit] = this.#running;
    if (this.#openLanes > 1 || (this.#openLanes === 1 && !commit?.some(isLarge))) return;
    this.#openLanes += 1;
    const lane = this.#commitAll().finally(() => this.#lanes.delete(lane));
    this.#lanes.add(lane);
  }

  async #commitAll(): Promise<void> {
    // Wait one turn of the event loop, so that requests from other sockets join this commit.
    await new Promise(setImmediate);
    for (;;) {
      // The events of a tenant are stored in the order in which they came.
      const busy = new Set([...this.#running].flat().map(({ tenantId }) => tenantId));
      const requests = this.#waiting.take(maxEventsPerCommit, busy);
      if (requests.length === 0) {
        // At once, so that a request that comes now opens another.
        this.#openLanes -= 1;
        return;
      }
      this.#running.add(requests);
      this.#openLane();
      await this.#commit(requests);
      this.#running.delete(requests);
    }
  }

  async #commit(requests: readonly Waiting[]): Promise<void> {
    const { db, clock } = this.#options;
    try {
      const events = requests.flatMap((request) => request.events);
      const { results, batch } = await storeEvents(db, randomUUIDv7(), events, clock.now());
      if (batch) {
        this.#unsignalled.push(batch);
        this.#signalling ??= this.#signalAll();
      }
      let from = 0;
      for (const { events, resolve } of requests) resolve(results.slice(from, (from += events.length)));
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }

  /** Batches committed shortly after a signal share the next one, as a job for each would cost more than the batch. */
  async #signalAll(): Promise<void> {
    while (this.#unsignalled.length > 0) {
      const stored = together(this.#unsignalled.splice(0));
      await this.#options.onStored(stored);
      await Promise.race([delay(restAfter(stored.events)), this.#closing.promise]);
    }
    this.#signalling = null;
  }
}

const restAfter = (events: number): number =>
  Math.min(signalAfterMs.atLeast + events * signalAfterMs.forEachEvent, signalAfterMs.atMost);

const together = (batches: readonly StoredBatch[]): StoredBatches => ({
  batchIds: batches.map(({ batchId }) => batchId),
  tenantIds: [...new Set(batches.flatMap(({ tenantIds }) => tenantIds))],
  events: batches.reduce((sum, { events }) => sum + events, 0),
});

/**
 * Takes events in. Requests that arrive while a commit is running share the next one, so the cost of
 * making events durable is spread over as many as wait for it. Owns batching, order and how many may wait;
 * the statement stands in `queries/store-events.ts`.
 */
import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../runtime/clock.ts';
import type { IncomingEvent } from './decide/event.ts';
import type { Database } from '../runtime/database/database.ts';
import { type IngestResult, storeEvents, type StoredBatch } from './sql/store-events.ts';

/** A commit takes at most this many events; what came beyond waits for the next. */
const maxEventsPerCommit = 2000;

/**
 * Held before they are durable, the commit that is running among them. What is held of one event is bounded
 * by its fields' lengths, to a few kilobytes, so this bounds the memory too.
 */
const maxHeldEvents = 20_000;

/** The database takes events in more slowly than they come. Nothing of the request was taken. */
export class InboxFull extends Error {}

/** Batches rung for together. */
type StoredBatches = { batchIds: string[]; tenantIds: string[]; events: number };

/** The first batch after a pause is rung for at once. */
const ringEveryMs = 25;

type Waiting = {
  events: readonly IncomingEvent[];
  resolve: (results: IngestResult[]) => void;
  reject: (error: unknown) => void;
};

export type InboxOptions = {
  db: Database;
  clock: Clock;
  /** Rings for committed batches. No caller waits for it: they are safe, and swept where the ring is lost. */
  onStored: (stored: StoredBatches) => Promise<void>;
  maxWaitingEvents?: number;
};

export class Inbox {
  readonly #options: InboxOptions;
  #waiting: Waiting[] = [];
  #held = 0;
  #committing: Promise<void> | null = null;
  #unrung: StoredBatch[] = [];
  #ringing: Promise<void> | null = null;
  readonly #closing = Promise.withResolvers<void>();

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /**
   * Resolves, in the order given, once the events are durable; rejects when they could not be stored, and at
   * once with `InboxFull` when there is no room for them to wait.
   */
  async accept(events: readonly IncomingEvent[]): Promise<IngestResult[]> {
    if (this.#held + events.length > (this.#options.maxWaitingEvents ?? maxHeldEvents)) throw new InboxFull();
    this.#held += events.length;
    try {
      return await this.#store(events);
    } finally {
      this.#held -= events.length;
    }
  }

  #store(events: readonly IncomingEvent[]): Promise<IngestResult[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  /** Resolves when nothing waits any more and all is rung for. */
  async close(): Promise<void> {
    await this.#committing;
    this.#closing.resolve();
    await this.#ringing;
  }

  async #commitAll(): Promise<void> {
    // One turn of the event loop, so that requests read from other sockets in it come along.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#commit(this.#takeNext());
    this.#committing = null;
  }

  #takeNext(): Waiting[] {
    let count = 0;
    const end = this.#waiting.findIndex(({ events }) => (count += events.length) > maxEventsPerCommit);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(1, end));
  }

  async #commit(requests: readonly Waiting[]): Promise<void> {
    const { db, clock } = this.#options;
    try {
      const events = requests.flatMap((request) => request.events);
      const tenantIds = [...new Set(events.map(({ tenantId }) => tenantId))];
      const { results, batch } = await db.transaction(tenantIds, (sql) =>
        storeEvents(sql, randomUUIDv7(), events, clock.now()),
      );
      if (batch) {
        this.#unrung.push(batch);
        this.#ringing ??= this.#ringAll();
      }
      let from = 0;
      for (const { events, resolve } of requests) resolve(results.slice(from, (from += events.length)));
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }

  /** Batches committed while the last ring was young share the next one: a job each would cost more than they do. */
  async #ringAll(): Promise<void> {
    while (this.#unrung.length > 0) {
      await this.#options.onStored(together(this.#unrung.splice(0)));
      await Promise.race([delay(ringEveryMs), this.#closing.promise]);
    }
    this.#ringing = null;
  }
}

const together = (batches: readonly StoredBatch[]): StoredBatches => ({
  batchIds: batches.map(({ batchId }) => batchId),
  tenantIds: [...new Set(batches.flatMap(({ tenantIds }) => tenantIds))],
  events: batches.reduce((sum, { events }) => sum + events, 0),
});

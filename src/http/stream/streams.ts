/**
 * All live streams of this process. PostgreSQL is the only source: signals say whose notifications or spending to read,
 * and one query reads those of everybody who was named (`reading-queue`). So any number of web processes can serve a
 * person, with either queue store.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { erasures } from '../../accounts/erased-people.ts';
import { announcements } from '../../deliver/channels/in-app/announce-notification.ts';
import { allOf } from '../../runtime/database/all-of.ts';
import type { Listener } from '../../runtime/database/listener.ts';
import { readCurrentSpending } from '../../alerts/rules/read-current-spending.ts';
import { readSpendingChange, spendingChanges } from '../../alerts/spending/announce-spending.ts';
import { readStream } from '../../notify/sql/read-stream.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { tooManyRequests, unavailable } from '../errors/problem.ts';
import { lookEveryMs, ReadingQueue } from './reading-queue.ts';
import { type Page, Stream } from './stream.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

/** Browsers open at most this many connections to one address over HTTP/1.1, for all tabs together. */
const streamsPerPerson = 6;
const tryAgainAfterSeconds = 5;
const pageSize = 50;
/** The shortest interval between two queries, however many signals come. */
const atMostEveryMs = 20;
/** Open files that a process needs beside its streams: other requests, and connections to PostgreSQL and Redis. */
const otherFiles = 256;
/** From this share of the streams that fit, the process warns. */
const nearlyFull = 0.8;

type Dependencies = Pick<HttpDependencies, 'db' | 'clock' | 'log' | 'metrics'> & {
  /** The number of files that this process may have open. */
  openFiles: number;
};

export class Streams {
  readonly #deps: Dependencies;
  readonly #open = new Map<string, Set<Stream>>();
  readonly #queue = new ReadingQueue(this.#open);
  #count = 0;
  #isNearlyFull = false;
  #isWatching = false;
  #isClosed = false;
  /** True after a failed query. Each outage is logged once. */
  #isOut = false;
  #trigger = new AbortController();
  /** Streams that had news while they were still writing. */
  readonly #missed = new WeakSet<Stream>();
  /** Null until the first stream begins. */
  #listener: Listener | null = null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /**
   * Creates a stream that has not begun yet. It counts until its response is closed. Null if that has already
   * happened, because Fastify also runs the handler for clients that have left. Throws 429 beyond a person's
   * limit, and 503 beyond the limit of open files.
   */
  admit(person: PersonRef, reply: FastifyReply): Stream | null {
    if (this.#isClosed) throw unavailable('This process is stopping.');
    if (reply.raw.closed) return null;
    this.#assertRoom();
    const key = personKey(person);
    const own = this.#open.get(key) ?? new Set();
    if (own.size >= streamsPerPerson)
      throw tooManyRequests(`One person may have ${streamsPerPerson} streams open.`, tryAgainAfterSeconds);
    const stream = new Stream(person, reply);
    this.#open.set(key, own.add(stream));
    this.#count += 1;
    this.#deps.metrics.streams.inc();
    reply.raw.once('close', () => this.#leave(key, stream));
    return stream;
  }

  begin(stream: Stream, after: string): void {
    if (this.#isClosed) throw unavailable('This process is stopping.');
    this.#listener ??= this.#deps.db.listen({
      channels: {
        [announcements]: (key) => this.#readSoon(key),
        [erasures]: (key) => {
          for (const stream of this.#streamsOf([key])) stream.end();
        },
        [spendingChanges]: (payload) => {
          for (const key of readSpendingChange(payload)) this.#queue.addSpending(key);
        },
      },
      begin: () => {
        this.#queue.hurry();
        this.#trigger.abort();
      },
    });
    stream.begin(after);
    this.#queue.addBegun(personKey(stream.person));
    this.#trigger.abort();
    if (!this.#isWatching) void this.#watch();
  }

  /** Ends all streams and accepts no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stream of this.#streamsOf(this.#open.keys())) stream.end();
    this.#trigger.abort();
    await this.#listener?.close();
  }

  #leave(key: string, stream: Stream): void {
    const own = this.#open.get(key);
    own?.delete(stream);
    if (own?.size === 0) {
      this.#open.delete(key);
      this.#queue.forget(key);
    }
    this.#count -= 1;
    this.#deps.metrics.streams.dec();
  }

  #assertRoom(): void {
    const fitting = this.#deps.openFiles - otherFiles;
    if (this.#count >= fitting) throw unavailable('This process has no room for another stream.');
    const wasNearlyFull = this.#isNearlyFull;
    this.#isNearlyFull = this.#count >= fitting * nearlyFull;
    if (this.#isNearlyFull && !wasNearlyFull)
      this.#deps.log.warn(
        { streams: this.#count, fitting },
        'the limit of open files leaves little room for streams',
      );
  }

  #streamsOf(keys: Iterable<string>): Stream[] {
    return [...keys].flatMap((key) => [...(this.#open.get(key) ?? [])]);
  }

  #readSoon(key: string): void {
    if (this.#queue.addNotification(key)) this.#trigger.abort();
  }

  async #watch(): Promise<void> {
    this.#isWatching = true;
    while (this.#open.size > 0 && !this.#isClosed) {
      this.#trigger = new AbortController();
      await this.#query();
      await pause(atMostEveryMs, undefined, { ref: false });
      await this.#waitForNext();
    }
    this.#isWatching = false;
  }

  /** Waits for the next look, or for a signal since the last query began. */
  async #waitForNext(): Promise<void> {
    const { signal } = this.#trigger;
    await pause(lookEveryMs, undefined, { signal, ref: false }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Never throws, because streams outlive an outage. */
  async #query(): Promise<void> {
    try {
      await this.#showDue();
      if (this.#isOut) this.#deps.log.info('streams are served again');
      this.#isOut = false;
    } catch (err) {
      if (!this.#isOut && !this.#isClosed) this.#deps.log.warn({ err }, 'streams wait for the database');
      this.#isOut = true;
      // What was due is not known any more.
      this.#queue.hurry();
    }
  }

  async #showDue(): Promise<void> {
    const due = this.#queue.take(performance.now(), this.#listener?.isHearing ?? false);
    if (due.isMore) this.#trigger.abort();
    const ready = this.#readyOf(due.notifications);
    const watchers = this.#streamsOf(due.spending).map(({ person }) => person);
    if (ready.length === 0 && watchers.length === 0) return;
    const beganMs = performance.now();
    const { notifications, progress } = await this.#read(ready, watchers);
    this.#queue.rest(beganMs, performance.now());
    for (const stream of new Set([...notifications.keys(), ...this.#streamsOf(progress.keys())])) {
      const key = personKey(stream.person);
      const page = { notifications: notifications.get(stream) ?? [], progress: progress.get(key) ?? null };
      if (stream.after === null) this.#queue.addSpending(key);
      else if (page.notifications.length > 0 || page.progress) void this.#show(stream, page);
    }
  }

  /** The streams of these people that may be written to. One that is still writing is read after that. */
  #readyOf(keys: Iterable<string>): { stream: Stream; after: string }[] {
    return this.#streamsOf(keys).flatMap((stream) => {
      const { after } = stream;
      if (after !== null) return [{ stream, after }];
      this.#missed.add(stream);
      return [];
    });
  }

  async #show(stream: Stream, page: Page): Promise<void> {
    await stream.write(page);
    const isMissed = this.#missed.delete(stream);
    if (isMissed || page.notifications.length === pageSize) this.#readSoon(personKey(stream.person));
  }

  async #read(ready: readonly { stream: Stream; after: string }[], watchers: readonly PersonRef[]) {
    const { db, clock } = this.#deps;
    const positions = ready.map(({ stream: { person }, after }) => ({ ...person, after }));
    const tenantIds = new Set([...positions, ...watchers].map(({ tenantId }) => tenantId));
    return db.transaction([...tenantIds], async (sql) => {
      const [pages, progress] = await allOf([
        positions.length > 0 ? readStream(sql, positions, pageSize) : Promise.resolve([]),
        readCurrentSpending(sql, watchers, clock.now()),
      ]);
      return {
        notifications: new Map(ready.map(({ stream }, index) => [stream, pages[index] ?? []])),
        progress,
      };
    });
  }
}

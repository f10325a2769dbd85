/**
 * All live streams of this process. PostgreSQL is the only source and nothing is published. While any stream
 * is open, one query every half second reads news for all of them. A delivery in this process triggers the
 * query at once. So any number of web processes can serve a person, with either queue store.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { readCurrentSpending } from '../../alerts/rules/read-current-spending.ts';
import { readStream } from '../../notify/sql/read-stream.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { tooManyRequests, unavailable } from '../errors/problem.ts';
import { type Page, Stream } from './stream.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

/** Browsers open at most this many connections to one address over HTTP/1.1, for all tabs together. */
const streamsPerPerson = 6;
const tryAgainAfterSeconds = 5;
const pageSize = 50;
const queryEveryMs = 500;
const spendingEveryMs = 1_000;
/** The shortest interval between two queries, however often deliveries trigger them. */
const atMostEveryMs = 20;
/**
 * Queries take at most a fifth of the time, because the pause is four times the last query. This is the
 * longest pause.
 */
const pauseAtMostMs = 5_000;

type Dependencies = Pick<HttpDependencies, 'db' | 'clock' | 'log' | 'metrics' | 'feed'>;

export class Streams {
  readonly #deps: Dependencies;
  readonly #open = new Map<string, Set<Stream>>();
  #isWatching = false;
  #isClosed = false;
  /** True after a failed query. Each outage is logged once. */
  #isOut = false;
  #trigger = new AbortController();
  #spendingReadAtMs = -Infinity;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    deps.feed.on('message', this.#onDelivered);
  }

  /**
   * Creates a stream that has not begun yet. It counts until its response is closed. Null if that has already
   * happened, because Fastify also runs the handler for clients that have left. Throws 429 beyond a person's
   * limit.
   */
  admit(person: PersonRef, reply: FastifyReply): Stream | null {
    if (this.#isClosed) throw unavailable('This process is stopping.');
    if (reply.raw.closed) return null;
    const key = personKey(person);
    const own = this.#open.get(key) ?? new Set();
    if (own.size >= streamsPerPerson)
      throw tooManyRequests(`One person may have ${streamsPerPerson} streams open.`, tryAgainAfterSeconds);
    const stream = new Stream(person, reply);
    this.#open.set(key, own.add(stream));
    this.#deps.metrics.streams.inc();
    reply.raw.once('close', () => this.#leave(key, stream));
    return stream;
  }

  begin(stream: Stream, after: string): void {
    if (this.#isClosed) throw unavailable('This process is stopping.');
    stream.begin(after);
    this.#queryAtOnce();
    if (!this.#isWatching) void this.#watch();
  }

  /** Ends all streams and accepts no more. */
  close(): void {
    this.#isClosed = true;
    this.#deps.feed.off('message', this.#onDelivered);
    for (const stream of this.#all()) stream.end();
    this.#queryAtOnce();
  }

  #leave(key: string, stream: Stream): void {
    const own = this.#open.get(key);
    own?.delete(stream);
    if (own?.size === 0) this.#open.delete(key);
    this.#deps.metrics.streams.dec();
  }

  #all(): Stream[] {
    return [...this.#open.values()].flatMap((own) => [...own]);
  }

  readonly #onDelivered = (person: PersonRef): void => {
    if (this.#open.has(personKey(person))) this.#queryAtOnce();
  };

  #queryAtOnce(): void {
    this.#trigger.abort();
  }

  async #watch(): Promise<void> {
    this.#isWatching = true;
    while (this.#open.size > 0 && !this.#isClosed) {
      this.#trigger = new AbortController();
      const beganMs = performance.now();
      await this.#query();
      const tookMs = performance.now() - beganMs;
      await pause(Math.min(Math.max(atMostEveryMs, 4 * tookMs), pauseAtMostMs), undefined, { ref: false });
      await this.#waitForNext();
    }
    this.#isWatching = false;
  }

  /** Waits for the next interval, or for a trigger since the last query began. */
  async #waitForNext(): Promise<void> {
    const { signal } = this.#trigger;
    await pause(queryEveryMs, undefined, { signal, ref: false }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Never throws, because streams outlive an outage. */
  async #query(): Promise<void> {
    try {
      await this.#showAll();
      if (this.#isOut) this.#deps.log.info('streams are served again');
      this.#isOut = false;
    } catch (err) {
      if (!this.#isOut && !this.#isClosed) this.#deps.log.warn({ err }, 'streams wait for the database');
      this.#isOut = true;
    }
  }

  async #showAll(): Promise<void> {
    const ready = this.#all().flatMap((stream) => {
      const { after } = stream;
      return after === null ? [] : [{ stream, after }];
    });
    if (ready.length === 0) return;
    const pages = await this.#read(ready);
    for (const [index, { stream }] of ready.entries()) {
      const page = pages[index];
      if (page) void this.#show(stream, page);
    }
  }

  async #show(stream: Stream, page: Page): Promise<void> {
    await stream.write(page);
    if (page.notifications.length === pageSize) this.#queryAtOnce();
  }

  /** The next page of each stream, in their order. */
  async #read(ready: readonly { stream: Stream; after: string }[]): Promise<Page[]> {
    const { db, clock } = this.#deps;
    const positions = ready.map(({ stream: { person }, after }) => ({ ...person, after }));
    const watchers = this.#watchersOf(ready.map(({ stream }) => stream));
    const tenantIds = new Set(positions.map(({ tenantId }) => tenantId));
    const { notifications, progress } = await db.transaction([...tenantIds], async (sql) => ({
      notifications: await readStream(sql, positions, pageSize),
      progress: await readCurrentSpending(sql, [...watchers.values()], clock.now()),
    }));
    return positions.map((person, index) => {
      const key = personKey(person);
      return {
        notifications: notifications[index] ?? [],
        progress: watchers.has(key) ? (progress.get(key) ?? []) : null,
      };
    });
  }

  /**
   * The people whose spending is read this time, by `personKey`. Once a second that is everybody, otherwise
   * only new streams.
   */
  #watchersOf(streams: readonly Stream[]): Map<string, PersonRef> {
    const nowMs = performance.now();
    const isTime = nowMs - this.#spendingReadAtMs >= spendingEveryMs;
    if (isTime) this.#spendingReadAtMs = nowMs;
    const watched = isTime ? streams : streams.filter(({ knowsSpending }) => !knowsSpending);
    return new Map(watched.map(({ person }) => [personKey(person), person]));
  }
}

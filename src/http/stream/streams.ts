/**
 * All live streams of this process. PostgreSQL is the only source: a signal says whose notifications to read, and one
 * query reads those of everybody who was named. While signals cannot be heard, a query every half second reads for all
 * streams. So any number of web processes can serve a person, with either queue store.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { announcements } from '../../deliver/channels/in-app/announce-notification.ts';
import type { Listener } from '../../runtime/database/listener.ts';
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
/** The interval of queries for all streams: while signals cannot be heard, and in case one was lost. */
const queryAllEveryMs = { deaf: 500, hearing: 10_000 };
const spendingEveryMs = 1_000;
/** The longest wait between two looks at what is due. */
const lookEveryMs = 250;
/** The shortest interval between two queries, however many signals come. */
const atMostEveryMs = 20;
/** Looks at what nobody signalled take at most a fifth of the time, so a slow one makes the next come later. */
const restsPerLook = 4;

type Dependencies = Pick<HttpDependencies, 'db' | 'clock' | 'log' | 'metrics'>;

export class Streams {
  readonly #deps: Dependencies;
  readonly #open = new Map<string, Set<Stream>>();
  #isWatching = false;
  #isClosed = false;
  /** True after a failed query. Each outage is logged once. */
  #isOut = false;
  #trigger = new AbortController();
  #spendingReadAtMs = -Infinity;
  #allReadAtMs = -Infinity;
  /** No look at what nobody signalled before then. */
  #restsUntilMs = -Infinity;
  /** The people, by `personKey`, whose notifications the next query reads. */
  #due = new Set<string>();
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
    this.#listener ??= this.#deps.db.listen(announcements, {
      hear: (key) => this.#readSoon(key),
      begin: () => this.#readAllSoon(),
    });
    stream.begin(after);
    this.#readSoon(personKey(stream.person));
    if (!this.#isWatching) void this.#watch();
  }

  /** Ends all streams and accepts no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stream of this.#all()) stream.end();
    this.#trigger.abort();
    await this.#listener?.close();
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

  #readSoon(key: string): void {
    if (!this.#open.has(key)) return;
    this.#due.add(key);
    this.#trigger.abort();
  }

  #readAllSoon(): void {
    this.#allReadAtMs = -Infinity;
    this.#trigger.abort();
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
      this.#allReadAtMs = -Infinity;
    }
  }

  async #showDue(): Promise<void> {
    const all = this.#all();
    const isDue = this.#takeDue(all);
    const ready = all.flatMap((stream) => {
      const { after } = stream;
      return after === null ? [] : [{ stream, after, key: personKey(stream.person) }];
    });
    const due = ready.filter(({ key }) => isDue(key));
    const watchers = this.#watchersOf(ready.map(({ stream }) => stream));
    if (due.length === 0 && watchers.size === 0) return;
    const beganMs = performance.now();
    const { notifications, progress } = await this.#read(due, watchers);
    const endedMs = performance.now();
    this.#restsUntilMs = Math.max(this.#restsUntilMs, endedMs + restsPerLook * (endedMs - beganMs));
    for (const { stream, key } of ready) {
      const page = {
        notifications: notifications.get(stream) ?? [],
        progress: watchers.has(key) ? (progress.get(key) ?? []) : null,
      };
      if (page.notifications.length > 0 || page.progress) void this.#show(stream, page);
    }
  }

  /** Returns whether a person's notifications are due. A stream that is still writing is read after that. */
  #takeDue(all: readonly Stream[]): (key: string) => boolean {
    const nowMs = performance.now();
    const everyMs = this.#listener?.isHearing ? queryAllEveryMs.hearing : queryAllEveryMs.deaf;
    const areAllDue = nowMs - this.#allReadAtMs >= everyMs && nowMs >= this.#restsUntilMs;
    if (areAllDue) this.#allReadAtMs = nowMs;
    const due = this.#due;
    this.#due = new Set();
    for (const stream of all)
      if (stream.after === null && due.has(personKey(stream.person))) this.#missed.add(stream);
    return (key) => areAllDue || due.has(key);
  }

  async #show(stream: Stream, page: Page): Promise<void> {
    await stream.write(page);
    const isMissed = this.#missed.delete(stream);
    if (isMissed || page.notifications.length === pageSize) this.#readSoon(personKey(stream.person));
  }

  async #read(due: readonly { stream: Stream; after: string }[], watchers: ReadonlyMap<string, PersonRef>) {
    const { db, clock } = this.#deps;
    const positions = due.map(({ stream: { person }, after }) => ({ ...person, after }));
    const tenantIds = new Set([...positions, ...watchers.values()].map(({ tenantId }) => tenantId));
    return db.transaction([...tenantIds], async (sql) => {
      const pages = positions.length > 0 ? await readStream(sql, positions, pageSize) : [];
      return {
        notifications: new Map(due.map(({ stream }, index) => [stream, pages[index] ?? []])),
        progress: await readCurrentSpending(sql, [...watchers.values()], clock.now()),
      };
    });
  }

  /**
   * The people whose spending is read this time, by `personKey`. Once a second that is everybody, otherwise
   * only new streams.
   */
  #watchersOf(streams: readonly Stream[]): Map<string, PersonRef> {
    const nowMs = performance.now();
    const isTime = nowMs - this.#spendingReadAtMs >= spendingEveryMs && nowMs >= this.#restsUntilMs;
    if (isTime) this.#spendingReadAtMs = nowMs;
    const watched = isTime ? streams : streams.filter(({ knowsSpending }) => !knowsSpending);
    return new Map(watched.map(({ person }) => [personKey(person), person]));
  }
}

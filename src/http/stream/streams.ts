/**
 * All live streams of this process. PostgreSQL is the truth and nothing is published: while any stream is open,
 * one look every half second asks for what is new to all of them together, and at once where a delivery in
 * this process says so. So any number of web processes serve one person, on either store of the queues.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { readCurrentSpending } from '../../alerts/rules/read-current-spending.ts';
import { readStream } from '../../notify/sql/read-stream.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { tooManyRequests, unavailable } from '../errors/problem.ts';
import { type Page, Stream } from './stream.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

/** Browsers open as many connections to one address over HTTP/1.1, all tabs together. */
const streamsPerPerson = 6;
const tryAgainAfterSeconds = 5;
const pageSize = 50;
const lookEveryMs = 500;
const spendingEveryMs = 1_000;
/** However often a delivery says so. */
const atMostEveryMs = 20;
/** Looks take at most a fifth of the time, unless they take longer than this allows for. */
const restAtMostMs = 5_000;

type Dependencies = Pick<HttpDependencies, 'db' | 'clock' | 'log' | 'metrics' | 'feed'>;

export class Streams {
  readonly #deps: Dependencies;
  readonly #open = new Map<string, Set<Stream>>();
  #isWatching = false;
  #isClosed = false;
  /** The last look failed; each outage is logged once. */
  #isOut = false;
  #hint = new AbortController();
  #spendingReadAtMs = -Infinity;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    deps.feed.on('message', this.#onDelivered);
  }

  /**
   * A stream that is yet to begin; it is counted until its response is closed. Null where that has happened:
   * Fastify also runs the handler for who has gone meanwhile. Throws 429 past a person's limit.
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
    this.#lookAtOnce();
    if (!this.#isWatching) void this.#watch();
  }

  /** Ends all streams, and takes no more. */
  close(): void {
    this.#isClosed = true;
    this.#deps.feed.off('message', this.#onDelivered);
    for (const stream of this.#all()) stream.end();
    this.#lookAtOnce();
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
    if (this.#open.has(personKey(person))) this.#lookAtOnce();
  };

  #lookAtOnce(): void {
    this.#hint.abort();
  }

  async #watch(): Promise<void> {
    this.#isWatching = true;
    while (this.#open.size > 0 && !this.#isClosed) {
      this.#hint = new AbortController();
      const beganMs = performance.now();
      await this.#look();
      const tookMs = performance.now() - beganMs;
      await pause(Math.min(Math.max(atMostEveryMs, 4 * tookMs), restAtMostMs), undefined, { ref: false });
      await this.#hinted();
    }
    this.#isWatching = false;
  }

  /** The next look, or a hint that came since the last one began. */
  async #hinted(): Promise<void> {
    const { signal } = this.#hint;
    await pause(lookEveryMs, undefined, { signal, ref: false }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Never throws: streams outlive an outage. */
  async #look(): Promise<void> {
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
    if (page.notifications.length === pageSize) this.#lookAtOnce();
  }

  /** The next page of each, in their order. */
  async #read(ready: readonly { stream: Stream; after: string }[]): Promise<Page[]> {
    const { db, clock } = this.#deps;
    const places = ready.map(({ stream: { person }, after }) => ({ ...person, after }));
    const watchers = this.#watchersOf(ready.map(({ stream }) => stream));
    const tenantIds = new Set(places.map(({ tenantId }) => tenantId));
    const { told, standings } = await db.transaction([...tenantIds], async (sql) => ({
      told: await readStream(sql, places, pageSize),
      standings: await readCurrentSpending(sql, [...watchers.values()], clock.now()),
    }));
    return places.map((person, index) => {
      const key = personKey(person);
      return {
        notifications: told[index] ?? [],
        standings: watchers.has(key) ? (standings.get(key) ?? []) : null,
      };
    });
  }

  /** Whose spending is to be read this time, by `personKey`: everybody's once a second, else the newcomers'. */
  #watchersOf(streams: readonly Stream[]): Map<string, PersonRef> {
    const nowMs = performance.now();
    const isTime = nowMs - this.#spendingReadAtMs >= spendingEveryMs;
    if (isTime) this.#spendingReadAtMs = nowMs;
    const watched = isTime ? streams : streams.filter(({ knowsSpending }) => !knowsSpending);
    return new Map(watched.map(({ person }) => [personKey(person), person]));
  }
}

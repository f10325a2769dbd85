/**
 * One open connection of a person, and how far it has come. It takes one page at a time: a reader who is slow
 * is asked for nothing more until the page is gone, and one who stands still is cut off, to resume by the id.
 */
import type { FastifyReply } from 'fastify';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import type { StreamedNotification } from '../../notify/sql/read-stream.ts';
import { notificationView } from '../schemas/notification.ts';
import { spendingView } from './events.ts';
import type { PersonRef } from '../../values/refs.ts';

const reconnectAfterMs = 1_000;
/** A page is gone in milliseconds unless its reader stands still. */
const pageGoneWithinMs = 30_000;

/** `standings`: of all the person's active rules; null where nobody looked. */
export type Page = {
  notifications: readonly StreamedNotification[];
  standings: readonly RuleProgress[] | null;
};

export class Stream {
  readonly person: PersonRef;
  readonly #reply: FastifyReply;
  /** The number of the last notification written; null before it has begun. */
  #last: string | null = null;
  #isWriting = false;
  /** What was last written of each rule; null before the first time. */
  #written: ReadonlyMap<string, string> | null = null;

  constructor(person: PersonRef, reply: FastifyReply) {
    this.person = person;
    this.#reply = reply;
  }

  /** What its next page is to follow; null while it takes none. */
  get after(): string | null {
    return this.#isWriting ? null : this.#last;
  }

  get knowsSpending(): boolean {
    return this.#written !== null;
  }

  /** From here on the response is the stream's, and no longer Fastify's to answer, nor to answer in time. */
  begin(after: string): void {
    const { sse, raw } = this.#reply;
    // A stream owns its connection: ended, it is closed, so that a process that stops waits for none.
    this.#reply.header('connection', 'close').hijack();
    sse.keepAlive();
    sse.sendHeaders();
    // An id without data is remembered and shown to nobody: a connection lost before its first notification
    // resumes from here. https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
    raw.write(`retry: ${reconnectAfterMs}\nid: ${after}\n\n`);
    this.#last = after;
  }

  /** Resolves when the page is written, or never where the reader goes before that. */
  async write({ notifications, standings }: Page): Promise<void> {
    this.#isWriting = true;
    const stalled = setTimeout(() => this.#reply.raw.destroy(), pageGoneWithinMs).unref();
    for (const { number, told } of notifications) {
      await this.#send({ id: number, event: 'notification', data: notificationView(told) });
      this.#last = number;
    }
    if (standings) await this.#writeSpending(standings);
    clearTimeout(stalled);
    this.#isWriting = false;
  }

  /** Where a page is on its way to a slow reader, in the middle of it. */
  end(): void {
    if (this.#isWriting) this.#reply.raw.destroy();
    else this.#reply.sse.close();
  }

  async #writeSpending(standings: readonly RuleProgress[]): Promise<void> {
    const before = this.#written;
    const views = standings.map(spendingView).map((data) => ({ data, text: JSON.stringify(data) }));
    this.#written = new Map(views.map(({ data, text }) => [data.ruleId, text]));
    for (const { data, text } of views)
      if (before?.get(data.ruleId) !== text) await this.#send({ event: 'spending', data });
  }

  async #send(message: { id?: string; event: string; data: object }): Promise<void> {
    const { sse } = this.#reply;
    if (sse.isConnected) await sse.send(message);
  }
}

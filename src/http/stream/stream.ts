/**
 * One open connection of a person and its position. It accepts one page at a time, so a slow reader causes no
 * further queries until the page is written. A stalled reader is disconnected and resumes by the last id.
 */
import type { FastifyReply } from 'fastify';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import type { StreamedNotification } from '../../notify/sql/read-stream.ts';
import { notificationView } from '../schemas/notification.ts';
import { spendingView } from './events.ts';
import type { PersonRef } from '../../values/refs.ts';

const reconnectAfterMs = 1_000;
/** A page is written in milliseconds unless its reader stalls. */
const pageGoneWithinMs = 30_000;

/** `progress` covers all active rules of the person. Null if it was not read this time. */
export type Page = {
  notifications: readonly StreamedNotification[];
  progress: readonly RuleProgress[] | null;
};

export class Stream {
  readonly person: PersonRef;
  readonly #reply: FastifyReply;
  /** The number of the last notification written. Null before the stream has begun. */
  #last: string | null = null;
  #isWriting = false;
  /** The last text written for each rule. Null before the first time. */
  #written: ReadonlyMap<string, string> | null = null;

  constructor(person: PersonRef, reply: FastifyReply) {
    this.person = person;
    this.#reply = reply;
  }

  /** The position that the next page must follow. Null while a page is being written. */
  get after(): string | null {
    return this.#isWriting ? null : this.#last;
  }

  /** From here on the response belongs to the stream. Fastify neither answers it nor applies the deadline. */
  begin(after: string): void {
    const { sse, raw } = this.#reply;
    // A stream owns its connection and closes it at the end, so that a shutdown does not wait for it.
    this.#reply.header('connection', 'close').hijack();
    sse.keepAlive();
    sse.sendHeaders();
    // An id without data is stored by the client and not shown. So a connection lost before its first
    // notification resumes from here.
    // https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
    raw.write(`retry: ${reconnectAfterMs}\nid: ${after}\n\n`);
    this.#last = after;
  }

  /** Resolves when the page is written. Never resolves if the reader leaves before that. */
  async write({ notifications, progress }: Page): Promise<void> {
    this.#isWriting = true;
    const stalled = setTimeout(() => this.#reply.raw.destroy(), pageGoneWithinMs).unref();
    for (const { number, notification } of notifications) {
      await this.#send({ id: number, event: 'notification', data: notificationView(notification) });
      this.#last = number;
    }
    if (progress) await this.#writeSpending(progress);
    clearTimeout(stalled);
    this.#isWriting = false;
  }

  /** If a page is still being written to a slow reader, the stream ends in the middle of it. */
  end(): void {
    if (this.#isWriting) this.#reply.raw.destroy();
    else this.#reply.sse.close();
  }

  async #writeSpending(progress: readonly RuleProgress[]): Promise<void> {
    const before = this.#written;
    const views = progress.map(spendingView).map((data) => ({ data, text: JSON.stringify(data) }));
    this.#written = new Map(views.map(({ data, text }) => [data.ruleId, text]));
    for (const { data, text } of views)
      if (before?.get(data.ruleId) !== text) await this.#send({ event: 'spending', data });
  }

  async #send(message: { id?: string; event: string; data: object }): Promise<void> {
    const { sse } = this.#reply;
    if (sse.isConnected) await sse.send(message);
  }
}

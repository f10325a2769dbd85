/**
 * The requests whose events are not durable yet. Tenants take turns, so that one who floods keeps nobody else waiting for
 * longer than a commit.
 */
import type { IncomingEvent } from './decide/event.ts';

/** All events of a request are of one tenant. */
export type Request = { tenantId: string; events: readonly IncomingEvent[] };

/**
 * A commit of so many events takes a tenth of a second, for which a single event should not wait. Smaller ones are better
 * shared.
 */
export const largeRequest = 250;

export const isLarge = ({ events }: Pick<Request, 'events'>): boolean => events.length >= largeRequest;

const nobody: ReadonlySet<string> = new Set();

export class WaitingRequests<Waiting extends Request> {
  readonly #maxEvents: number;
  /** Those that are not in a commit yet, by tenant in the order of their turns. */
  readonly #queues = new Map<string, Waiting[]>();
  /** The events of each tenant that are not durable yet, those in the running commit included. */
  readonly #events = new Map<string, number>();
  #total = 0;

  /** `maxEvents`: bounds the memory. */
  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  /**
   * Alone a tenant may fill the whole. While others have events waiting, they may fill half of what those leave. A tenant
   * without events waiting gets in with a request even if others have filled it.
   */
  hasRoom(tenantId: string, events: number): boolean {
    const own = this.#events.get(tenantId) ?? 0;
    const others = this.#total - own;
    if (others === 0) return own + events <= this.#maxEvents;
    if (own === 0) return this.#total + events <= 2 * this.#maxEvents;
    return own + events <= (this.#maxEvents - others) / 2;
  }

  add(request: Waiting): void {
    const { tenantId, events } = request;
    const queue = this.#queues.get(tenantId);
    if (queue) queue.push(request);
    else this.#queues.set(tenantId, [request]);
    this.#count(tenantId, events.length);
  }

  /**
   * Takes one request of each tenant in turn, of at most `maxEvents` events in all, or a single larger request. Either all
   * are large or none is. `busy`: tenants without a turn, because a commit of theirs is running.
   */
  take(maxEvents: number, busy: ReadonlySet<string> = nobody): Waiting[] {
    const taken: Waiting[] = [];
    let count = 0;
    for (;;) {
      const next = this.#next(busy, taken[0]);
      if (!next) return taken;
      const [tenantId, queue] = next;
      count += queue[0]?.events.length ?? 0;
      if (count > maxEvents && taken.length > 0) return taken;
      taken.push(...queue.splice(0, 1));
      this.#queues.delete(tenantId);
      if (queue.length > 0) this.#queues.set(tenantId, queue);
    }
  }

  /** The tenant whose turn it is, among those whose request is as large as `like`. */
  #next(busy: ReadonlySet<string>, like: Waiting | undefined): [string, Waiting[]] | undefined {
    const isLike = ([first]: readonly Waiting[]): boolean =>
      !like || !first || isLarge(first) === isLarge(like);
    return this.#queues.entries().find(([tenantId, queue]) => !busy.has(tenantId) && isLike(queue));
  }

  /** The request's events are durable, or could not be stored. */
  end({ tenantId, events }: Request): void {
    this.#count(tenantId, -events.length);
  }

  #count(tenantId: string, events: number): void {
    this.#total += events;
    const own = (this.#events.get(tenantId) ?? 0) + events;
    if (own === 0) this.#events.delete(tenantId);
    else this.#events.set(tenantId, own);
  }
}

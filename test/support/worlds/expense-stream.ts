/** A client that posts expenses and records for each request whether a response came. */
import { EventEmitter, once } from 'node:events';

export type PostedEvent = { id: string; userId: string; minor: bigint };
export type Post = { events: readonly PostedEvent[]; isAnswered: boolean };

export type Flow = {
  /** Resolves once `count` requests since the start of the flow were answered 202. */
  answered(count: number): Promise<void>;
  /** Resolves once the connection of every poster has broken. */
  ended: Promise<void>;
};

const eventsPerRequest = 5;

export class ExpenseStream {
  readonly #apiKey: string;
  readonly #people: readonly string[];
  readonly #posts: Post[] = [];
  readonly #events = new EventEmitter();
  #made = 0;

  constructor(apiKey: string, people: readonly string[]) {
    this.#apiKey = apiKey;
    this.#people = people;
  }

  answered(): Post[] {
    return this.#posts.filter(({ isAnswered }) => isAnswered);
  }

  inDoubt(): Post[] {
    return this.#posts.filter(({ isAnswered }) => !isAnswered);
  }

  /** Posts without a pause, `posters` requests at a time, until the service goes away. */
  flow(url: string, posters: number): Flow {
    const before = this.answered().length;
    const ended = Promise.all(Array.from({ length: posters }, () => this.#postUntilBroken(url)));
    return {
      answered: async (count) => {
        while (this.answered().length - before < count) await once(this.#events, 'answered');
      },
      ended: ended.then(() => undefined),
    };
  }

  /**
   * Posts new expenses in one request; resolves at the first byte of the response or a broken connection. A service whose
   * database was killed a moment earlier answers 503, which leaves the post in doubt too.
   */
  async post(url: string, count = eventsPerRequest): Promise<Post> {
    const post: Post = { events: Array.from({ length: count }, () => this.#make()), isAnswered: false };
    this.#posts.push(post);
    const response = await this.#send(url, post).catch(connectionLost);
    if (response && ![202, 503].includes(response.status)) throw new Error(`answered ${response.status}`);
    post.isAnswered = response?.status === 202;
    if (post.isAnswered) this.#events.emit('answered');
    return post;
  }

  /** Posts the same events again. */
  async repost(url: string, post: Post): Promise<unknown> {
    const response = await this.#send(url, post);
    if (response.status !== 202) throw new Error(`answered ${response.status}`);
    post.isAnswered = true;
    return response.json();
  }

  async #postUntilBroken(url: string): Promise<void> {
    while ((await this.post(url)).isAnswered);
  }

  #send(url: string, { events }: Post): Promise<Response> {
    return fetch(`${url}/api/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(events.map(bodyOf)),
    });
  }

  /** Makes an event with an amount from 1.00 to 19.99, so that levels are reached one after another. */
  #make(): PostedEvent {
    this.#made += 1;
    const userId = this.#people[this.#made % this.#people.length] ?? '';
    return { id: `e${this.#made}`, userId, minor: BigInt(100 + ((this.#made * 7919) % 1900)) };
  }
}

const at = '2026-11-10T11:00:00Z';

const bodyOf = ({ id, userId, minor }: PostedEvent) => ({
  id,
  type: 'expense.created',
  time: at,
  data: {
    expenseId: `x-${id}`,
    userId,
    categoryId: 'groceries',
    amount: `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`,
    currency: 'USD',
    spentAt: at,
  },
});

/** fetch reports every connection error as a TypeError. */
function connectionLost(error: unknown): null {
  if (error instanceof TypeError) return null;
  throw error;
}

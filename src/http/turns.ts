/** Lets few pieces of work of one kind run at a time. The others wait in their order. */
import { TooLate, within } from '../runtime/within.ts';
import { tooManyRequests } from './errors/problem.ts';

type TurnLimits = {
  atATime: number;
  /** A turn is waited for at most this long. */
  waitMs: number;
  /** Says to a caller that was refused what the limit is. */
  refusal: string;
};

/** `waiting`: called in their order, each when it gets its turn. */
type Queue = { running: number; waiting: (() => void)[] };

export class Turns {
  readonly #limits: TurnLimits;
  readonly #queues = new Map<string, Queue>();

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Resolves to a function that ends the turn, to be called once. Throws 429 if there was none in time. */
  async take(key: string): Promise<() => void> {
    const queue = this.#queues.get(key) ?? { running: 0, waiting: [] };
    this.#queues.set(key, queue);
    if (queue.running < this.#limits.atATime) queue.running += 1;
    else await this.#wait(queue);
    return () => this.#end(key, queue);
  }

  /** Gives the turn to the next, if there is one. */
  #end(key: string, queue: Queue): void {
    const next = queue.waiting.shift();
    if (next) return next();
    queue.running -= 1;
    if (queue.running === 0) this.#queues.delete(key);
  }

  async #wait(queue: Queue): Promise<void> {
    const { waitMs, refusal } = this.#limits;
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.waiting.push(resolve);
    try {
      await within(waitMs, promise);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      const at = queue.waiting.indexOf(resolve);
      // The turn came at the last moment.
      if (at < 0) return;
      queue.waiting.splice(at, 1);
      throw tooManyRequests(refusal, 1);
    }
  }
}

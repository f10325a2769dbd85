/**
 * A PostgreSQL client that saves time on each statement. It prepares each once per connection: the event path runs the
 * same dozen statements over and over, and planning took a third of their time. And it opens a transaction together
 * with its first statement, in one round trip.
 */
import { Client } from 'pg';

/** A bound for the case that statement texts are ever built at run time; beyond it they run unprepared. */
const maxPrepared = 500;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known || names.size >= maxPrepared) return known;
  const name = `spendwatch_${names.size + 1}`;
  names.set(text, name);
  return name;
}

/** Statements that wait for the next one: they have no result, and fail only with what follows them. */
const sentWithNext = /^(?:begin$|set local )/;

const noResult = { command: '', rowCount: null, rows: [] };

/** Open it with `pipeline: true`, so that statements are sent without waiting for the answer to those before. */
export class PreparingClient extends Client {
  #waiting: string[] = [];

  /**
   * Prepares the calls with a text and values, as Kysely makes them. Other calls pass through unchanged, but for those
   * that wait for the next.
   */
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const isStatement = typeof text === 'string' && Array.isArray(values);
    if (isStatement && sentWithNext.test(text)) {
      this.#waiting.push(text);
      return answer(Promise.resolve(noResult));
    }
    const name = isStatement && values.length > 0 ? nameOf(text) : undefined;
    const asked = name === undefined ? args : [{ name, text, values }, ...args.slice(2)];
    return isStatement && this.#waiting.length > 0
      ? answer(this.#sendTogether(asked))
      : answer(this.#send(asked));
  }

  #send(args: readonly unknown[]): Promise<unknown> {
    // The overloads of `query` take no argument list. The arguments are those of a caller of `query`, so they fit.
    return Reflect.apply(super.query, this, args);
  }

  /** If a statement that waited fails, all that follow it fail too, and its error is the one that says why. */
  async #sendTogether(args: readonly unknown[]): Promise<unknown> {
    const { stream } = this.connection;
    // Both leave in one write to the socket.
    stream.cork();
    const sent = [this.#send([this.#waiting.splice(0).join(';')]), this.#send(args)] as const;
    stream.uncork();
    const [before, result] = await Promise.allSettled(sent);
    if (before.status === 'rejected') throw before.reason;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }
}

/** `query` has no common return type. Its caller knows which of its forms it called. */
const answer = (result: Promise<unknown>): never => result as never;

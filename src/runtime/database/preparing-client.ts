/**
 * A PostgreSQL client that saves time on each statement. It prepares each once per connection: the event path runs the
 * same dozen statements over and over, and planning took a third of their time. And it opens a transaction together
 * with its first statement, in one round trip.
 */
import { Client, type QueryResult, type QueryResultRow } from 'pg';

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

  /**
   * Runs one statement in a transaction of its own, in one round trip: the commit is sent before the answer is read. If
   * the statement fails, the server takes the commit as a rollback. `setting`: a `set local`, which applies to it.
   */
  async queryInTransaction<Row extends QueryResultRow>(
    setting: string,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const { stream } = this.connection;
    stream.cork();
    const sent = [
      this.#send([`begin;${setting}`]),
      this.#send([{ name: nameOf(text), text, values }]),
      this.#send(['commit']),
    ];
    stream.uncork();
    const [, result] = await allOf(sent);
    // The second is a statement with values, whose answer this is.
    return (result as QueryResult<Row>).rows;
  }

  #send(args: readonly unknown[]): Promise<unknown> {
    // The overloads of `query` take no argument list. The arguments are those of a caller of `query`, so they fit.
    return Reflect.apply(super.query, this, args);
  }

  async #sendTogether(args: readonly unknown[]): Promise<unknown> {
    const { stream } = this.connection;
    // Both leave in one write to the socket.
    stream.cork();
    const sent = [this.#send([this.#waiting.splice(0).join(';')]), this.#send(args)];
    stream.uncork();
    const [, result] = await allOf(sent);
    return result;
  }
}

/** Waits for all answers, and throws the first error: what follows it in its transaction fails or is rolled back. */
async function allOf(sent: readonly Promise<unknown>[]): Promise<unknown[]> {
  const answers = await Promise.allSettled(sent);
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

/** `query` has no common return type. Its caller knows which of its forms it called. */
const answer = (result: Promise<unknown>): never => result as never;

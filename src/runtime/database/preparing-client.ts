/**
 * A PostgreSQL client that saves time on each statement. It prepares each once per connection: the event path runs the
 * same dozen statements over and over, and planning took a third of their time. And what is issued at the same moment
 * leaves in one write to the socket.
 */
import { Client, type QueryResult, type QueryResultRow } from 'pg';
import { allOf } from './all-of.ts';

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

/** Open it with `pipeline: true`, so that statements are sent without waiting for the answer to those before. */
export class PreparingClient extends Client {
  #isGathering = false;

  /** Prepares the calls with a text and values, as Kysely makes them. Other calls pass through unchanged. */
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const isStatement = typeof text === 'string' && Array.isArray(values);
    const name = isStatement && values.length > 0 ? nameOf(text) : undefined;
    const sent = this.#send(name === undefined ? args : [{ name, text, values }, ...args.slice(2)]);
    // `query` has no common return type. Its caller knows which of its forms it called.
    return sent as never;
  }

  /**
   * Runs one statement in a transaction of its own, in one round trip: the commit is sent before the answer is read. If
   * the statement fails, the server takes the commit as a rollback. `settings`: of `set local`, which apply to it.
   */
  async queryInTransaction<Row extends QueryResultRow>(
    settings: string,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const [, result] = await allOf([
      this.#send([`begin;${settings}`]),
      this.#send([{ name: nameOf(text), text, values }]),
      this.#send(['commit']),
    ]);
    // The second is a statement with values, whose answer this is.
    return (result as QueryResult<Row>).rows;
  }

  #send(args: readonly unknown[]): Promise<unknown> {
    this.#gather();
    // The overloads of `query` take no argument list. The arguments are those of a caller of `query`, so they fit.
    return Reflect.apply(super.query, this, args);
  }

  /** Holds back what is sent until the current step of the program is over. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    const { stream } = this.connection;
    stream.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }
}

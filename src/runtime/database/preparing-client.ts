/**
 * A PostgreSQL client that prepares each statement once per connection. The event path runs the same dozen
 * statements over and over, and planning took a third of their time.
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

export class PreparingClient extends Client {
  /** Prepares the calls with a text and values, as Kysely makes them. Other calls pass through unchanged. */
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
    const asked = name === undefined ? args : [{ name, text, values }, ...args.slice(2)];
    // The overloads of `query` take no argument list. The arguments are those of a caller of `query`, so they fit.
    return Reflect.apply(super.query, this, asked) as never;
  }
}

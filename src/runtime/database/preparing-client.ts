/**
 * A PostgreSQL client that prepares each statement once per connection: the line runs the same dozen
 * statements over and over, and planning them anew took a third of their time.
 */
import { Client } from 'pg';

/** Statements are few; were their texts ever made up at run time, the rest would go unprepared. */
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
  /** Kysely gives a text and its values; whatever else is asked goes through as it is. */
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
    const asked = name === undefined ? args : [{ name, text, values }, ...args.slice(2)];
    // The overloads of `query` do not take an argument list; what comes in is what they allow.
    return Reflect.apply(super.query, this, asked) as never;
  }
}

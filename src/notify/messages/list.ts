/** Formats a list as a sentence, with the number of items it leaves out. */
import { numberIn, type Reader } from '../../values/display.ts';

/** Names the first `named` items: `Groceries 103 %, Fun 81 % and 2 more.` */
export function listOf(items: readonly string[], named: number, { locale }: Reader): string {
  const rest = items.length - named;
  const list = items.slice(0, named).join(', ');
  return rest > 0 ? `${list} and ${numberIn(locale, rest)} more.` : `${list}.`;
}

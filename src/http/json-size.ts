/**
 * Refuses JSON that would take long to parse or to check, before it is parsed. It only counts, so malformed JSON may
 * pass and is refused by the parser.
 */
import { Problem } from './errors/problem.ts';

/** A thousand events have fewer than thirty thousand brackets and commas. `number`: characters of a number. */
const most = { depth: 32, brackets: 40_000, number: 1_000 };

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
/** It is the last of the white space, and comes before all other characters of JSON. */
const space = 0x20;
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/** Throws 400 beyond 32 levels, 40,000 brackets and commas outside strings, or a number of 1,000 characters. */
export function assertSmallJson(text: string): void {
  let depth = 0;
  let brackets = 0;
  let number = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === comma) brackets += 1;
    else if (opening.has(code)) {
      brackets += 1;
      depth += 1;
      if (depth > most.depth) throw tooMuch(`is nested deeper than ${most.depth} levels`);
    } else if (closing.has(code)) {
      brackets += 1;
      depth -= 1;
    } else if (code > space) {
      number += 1;
      if (number > most.number) throw tooMuch(`has a number of more than ${most.number} characters`);
      continue;
    }
    number = 0;
    if (brackets > most.brackets) throw tooMuch(`has more than ${most.brackets} brackets and commas`);
  }
}

/** The position of the closing quote, or the text's end. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1))
    if (!isEscaped(text, end)) return end;
  return text.length;
}

/** A quote is escaped by an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === backslash) first -= 1;
  return (at - first) % 2 === 1;
}

const tooMuch = (what: string): Problem => new Problem(400, { detail: `The body ${what}.` });

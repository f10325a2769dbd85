/**
 * By what the merchants of card statements are compared: one key for the same shop, however its name was
 * written. The key is for comparing, not for showing: it is squeezed, in upper case, and may be cut short.
 *
 * Where it ends: it knows one name at a time. It cannot tell that a company trades under another name, that
 * two shops bear the same name, where a word that was cut off would have ended, or which words behind the
 * name of a chain that it does not know are a branch's.
 */
import { chainOf } from './chains.ts';
import { fold } from './fold.ts';
import { withoutRemarks } from './statement-text.ts';
import { nameWords } from './name-words.ts';

/** What the API takes; what is longer is no merchant's name. */
const longestName = 500;
/** Statements cut names at 22 to 25 characters, processor and spaces included. */
const longestKey = 22;

/** Never throws; empty for a name of white space alone. The key of a key is the key. */
export function merchantKey(name: string): string {
  let key = cut(fold(name.slice(0, longestName)), longestName);
  // What is left may be noise again once it stands alone; each round makes it shorter, so this ends.
  for (let next = reduced(key); next !== key; next = reduced(key)) key = next;
  return key;
}

function reduced(text: string): string {
  const words = nameWords(withoutRemarks(text));
  const key = chainOf(words) ?? ungluedName(words.join(''));
  // A name without a letter or digit stays what it is.
  return cut(key || text.replaceAll(' ', ''), longestKey);
}

/** By code points: half a surrogate pair is no letter. */
const cut = (text: string, length: number): string =>
  text.length <= length ? text : Array.from(text).slice(0, length).join('');

/** Names out of addresses and processors' fields come without spaces: THEWORKS, MOONPIGUK, WILKORETAIL. */
const ungluedName = (key: string): string => key.replace(gluedArticle, '').replace(gluedEnd, '');

/** Not in THERAPY, THEATRE, THERMO, THEORY, THEME, THESIS. */
const gluedArticle = /^THE(?!RAP|RM|AT|O|M|S[AI]|FT|LMA|RE)(?=.{4})/u;
const gluedEnd = /(?<=.{3})(?:(?<!UN)LIMITED|LTD|ONLINE|RETAIL|GROUP|(?<=.{5})UK)$/u;

/**
 * Computes the key by which merchants of card statements are compared. It is the same for one shop, however
 * its name was written. The key is for comparison and not for display: it has no spaces, is upper case and
 * may be cut short.
 *
 * Limits: it sees one name at a time. It cannot recognise a company's second trading name or tell apart two
 * shops of the same name. It cannot complete a word that was cut off. After the name of an unlisted chain it
 * cannot recognise the words for a branch.
 */
import { chainOf } from './chains.ts';
import { fold } from './fold.ts';
import { withoutRemarks } from './statement-text.ts';
import { nameWords } from './name-words.ts';

/** The API's limit. A longer text is no merchant name. */
const longestName = 500;
/** Statements cut names at 22 to 25 characters, including the processor and spaces. */
const longestKey = 22;

/** Never throws. Empty for white space alone. The key of a key is the key itself. */
export function merchantKey(name: string): string {
  let key = cut(fold(name.slice(0, longestName)), longestName);
  // Removing noise may expose more noise, so this repeats. It ends because each round shortens the key.
  for (let next = reduced(key); next !== key; next = reduced(key)) key = next;
  return key;
}

function reduced(text: string): string {
  const words = nameWords(withoutRemarks(text));
  const key = chainOf(words) ?? ungluedName(words.join(''));
  // A name without letters and digits is kept.
  return cut(key || text.replaceAll(' ', ''), longestKey);
}

/** Cuts by code points, so that no surrogate pair is split. */
const cut = (text: string, length: number): string =>
  text.length <= length ? text : Array.from(text).slice(0, length).join('');

/** Names from addresses and processors' fields lack spaces: THEWORKS, MOONPIGUK, WILKORETAIL. */
const ungluedName = (key: string): string => key.replace(gluedArticle, '').replace(gluedEnd, '');

/** Does not match THERAPY, THEATRE, THERMO, THEORY, THEME and THESIS. */
const gluedArticle = /^THE(?!RAP|RM|AT|O|M|S[AI]|FT|LMA|RE)(?=.{4})/u;
const gluedEnd = /(?<=.{3})(?:(?<!UN)LIMITED|LTD|ONLINE|RETAIL|GROUP|(?<=.{5})UK)$/u;

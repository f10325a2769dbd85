/**
 * Extracts the words of a merchant name from a statement's text. It finds the end of the name and removes
 * last words that do not identify it.
 */
import { squeezed } from './statement-text.ts';
import * as known from './vocabulary.ts';
import { mended, webName } from './web-address.ts';

/** A field of this length may have been cut inside a word. */
const fieldLength = 20;

/** A key has no more characters than this, so more words are never needed. */
const mostWords = 22;

/** In order and without punctuation. At least one word if the text has letters or digits. */
export function nameWords(text: string): string[] {
  const isCut = text.trim().length >= fieldLength;
  return withoutRepeats(withoutTail(withoutLead(untilEnd(mended(text).split(/[\s_|]+|:(?!\/)/u))), isCut));
}

/** A name ends before a branch number, an order code, an address or a legal form. */
function untilEnd(chunks: readonly string[]): string[] {
  const words: string[] = [];
  for (const chunk of chunks) {
    const web = webName(chunk.replace(/^[^\p{L}\p{N}]+/u, ''));
    const word = squeezed(web ?? chunk);
    if (word === '') continue;
    if (web !== null) return isDistinct(words) ? besideAddress(words, word) : [word];
    if (isDistinct(words) && endsName(word, chunk)) break;
    words.push(places.get(word) ?? word);
    if (words.length === mostWords || (places.has(word) && isDistinct(words))) break;
  }
  return words;
}

/** The address may repeat the name, be its end (`W M NAME.COM`), or follow a code (`AB NAME.COM`). */
function besideAddress(words: readonly string[], address: string): string[] {
  if (words.join('').length > 2) return [...words];
  return words.length > 1 ? [...words, address] : [address];
}

/** A branch's town or department follows these words. */
const places = new Map([
  ['HOTEL', 'HOTEL'],
  ['HOTELS', 'HOTEL'],
  ['STATION', 'STATION'],
  ['STATIONS', 'STATION'],
]);

const endsName = (word: string, chunk: string): boolean =>
  chunk.startsWith('#') || isCode(word) || known.companyForms.has(word);

/** Matches store numbers, dates, phone numbers and order codes, but not `PARCEL2GO`. */
const isCode = (word: string): boolean =>
  /\d\D*\d\D*\d/u.test(word) ||
  /^\d{1,2}(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|AM|PM)$/.test(word);

/** Whether the words already contain a name. */
const isDistinct = (words: readonly string[]): boolean => {
  const name = words.filter((word) => !known.usual.has(word)).join('');
  return name.length > 1 && /\p{L}/u.test(name);
};

function withoutLead(words: readonly string[]): string[] {
  const at = words.findIndex((word) => !known.leadingForms.has(word));
  return words.slice(Math.max(0, at));
}

function withoutTail(words: readonly string[], isCut: boolean): string[] {
  let left = [...words];
  for (let size = 1; size > 0;) {
    size = tailSize(left, isCut);
    left = left.slice(0, left.length - size);
  }
  return left;
}

/** The number of last words that do not identify the merchant. */
function tailSize(words: readonly string[], isCut: boolean): number {
  const size = [3, 2, 1].find((size) => words.length > size && isTail(words, size, isCut)) ?? 0;
  const left = words.slice(0, words.length - size);
  return isDistinct(left) && !known.linking.has(left.at(-1) ?? '') ? size : 0;
}

function isTail(words: readonly string[], size: number, isCut: boolean): boolean {
  const tail = words.slice(-size).join('');
  if (known.countries.has(tail) || known.towns.has(tail) || known.formats.has(tail)) return true;
  if (size > 1) return false;
  if (known.companyForms.has(tail) || known.looseForms.has(tail) || /.店$/u.test(tail)) return true;
  if (isCut && /^(?:\p{Lu}|LI)$/u.test(tail)) return true;
  return /^\d{2}$/.test(tail) && !known.numberedNames.has(words.slice(-2).join(''));
}

/** Removes repeated words (`ENTERPRISE ENTERPRISE`) and optional words such as AND. */
const withoutRepeats = (words: readonly string[]): string[] =>
  words.filter(
    (word, index) =>
      (index === 0 || !/^(?:AND|UND|ET)$/.test(word)) && (word.length < 4 || word !== words[index - 1]),
  );

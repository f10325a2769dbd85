/**
 * Letters as they are compared: without case, accents, widths, ligatures and vowel points; words with single
 * spaces between them.
 */

/** Latin, Greek and Cyrillic accents, Hebrew and Arabic points. Not Japanese voicing marks: カ is not ガ. */
const marks = /[\u0300-\u036F\u0591-\u05C7\u0640\u064B-\u0655\u0670]/g;
/** Invisible ones: direction, joining, soft hyphens, controls that are no white space. */
const invisible = /(?!\s)[\p{Cf}\p{Cc}]/gu;
const stroked: Readonly<Record<string, string>> = {
  Ø: 'O',
  Ł: 'L',
  Đ: 'D',
  Ð: 'D',
  Ħ: 'H',
  Æ: 'AE',
  Œ: 'OE',
  Þ: 'TH',
};
const strokes = /[ØŁĐÐĦÆŒÞ]/g;

/** Folding what is folded changes nothing. Lone surrogates become U+FFFD. */
export const fold = (text: string): string =>
  // Upper case before the marks go, and again to where it settles: what it makes may hold marks of its own.
  upper(upper(text.toWellFormed()))
    .replaceAll(invisible, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .normalize('NFC');

const upper = (text: string): string => (ascii.test(text) ? text.toUpperCase() : upperLetters(text));

const ascii = /^[ -~]*$/;

const upperLetters = (text: string): string =>
  text
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .toUpperCase()
    .normalize('NFKD')
    .replaceAll(marks, '')
    .normalize('NFC')
    .replaceAll(strokes, (letter) => stroked[letter] ?? letter);

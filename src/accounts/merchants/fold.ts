/**
 * Folds text for comparison. It removes differences of case, accents, widths, ligatures and vowel points, and
 * leaves single spaces between words.
 */

/**
 * Latin, Greek and Cyrillic accents, Hebrew and Arabic points. Japanese voicing marks stay, because カ is not
 * ガ.
 */
const marks = /[\u0300-\u036F\u0591-\u05C7\u0640\u064B-\u0655\u0670]/g;
/** Invisible characters: direction marks, joiners, soft hyphens and controls that are not white space. */
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

/** Folding is idempotent. Lone surrogates become U+FFFD. */
export const fold = (text: string): string =>
  // Upper case comes before the marks are removed, and once more afterwards. Case mapping may produce new
  // marks.
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

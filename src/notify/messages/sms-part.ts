/**
 * The capacity of one SMS part: 160 characters of GSM 03.38, or 70 of UCS-2 as soon as the text has any other
 * character. https://www.etsi.org/deliver/etsi_ts/123000_123099/123038/
 */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** These need an escape and count as two characters each. */
const extended = '\f^{}\\[~]|€';

const widths = new Map([
  ...Array.from(basic, (character) => [character, 1] as const),
  ...Array.from(extended, (character) => [character, 2] as const),
]);

const gsmCharacters = 160;
const ucs2Units = 70;

export function fitsOnePart(text: string): boolean {
  let width = 0;
  for (const character of text) {
    const own = widths.get(character);
    if (own === undefined) return text.length <= ucs2Units;
    width += own;
  }
  return width <= gsmCharacters;
}

/**
 * Characters outside GSM 03.38 that have a plain form: the signs, spaces and marks of `Intl`, and the typographic marks
 * that phones insert.
 */
const plainForms: readonly (readonly [RegExp, string])[] = [
  [/\uffe5/g, '¥'],
  [/\p{Zs}/gu, ' '],
  [/[\u061c\u200e\u200f]/g, ''],
  [/[\u2018-\u201b\u2032\u02bc]/g, "'"],
  [/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"'],
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/\u2026/g, '...'],
];

const asSms = (text: string): string =>
  plainForms.reduce((plain, [pattern, form]) => plain.replace(pattern, form), text.normalize('NFC'));

/** The first text that fits one part, else the last one. */
export function firstThatFits(texts: Iterable<string>): string {
  let sms = '';
  for (const text of texts) {
    sms = asSms(text);
    if (fitsOnePart(sms)) return sms;
  }
  return sms;
}

/** The longest name that a rule may have. */
const longestName = 100;
/** A letter and the dots. */
const shortestName = 4;

/** The lengths to try for a name that may be shortened, from its own on. */
export const nameLengths = (name: string): IteratorObject<number> => {
  const longest = Math.max(shortestName, Math.min(longestName, name.length));
  return Array.from({ length: longest - shortestName + 1 }, (_, index) => longest - index).values();
};

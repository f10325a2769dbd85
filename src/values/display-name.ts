/** The names people give their rules, made fit for a line of text: whatever is in them, they are names. */

const breaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Would set what follows the name in another direction. https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const directions = /[\u202a-\u202e\u2066-\u2069]/g;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** On one line, without what turns the text around it. */
export const plainName = (name: string): string => onOneLine(name) || 'Budget';

export const onOneLine = (text: string): string =>
  text.toWellFormed().replace(breaks, ' ').replace(directions, '').trim();

/** For plain text: a name written from right to left leaves the figures after it in their order. */
export const isolatedName = (name: string): string => {
  const plain = plainName(name);
  return rightToLeft.test(plain) ? `\u2068${plain}\u2069` : plain;
};

/** At most `length` characters as people count them, `ending` included. */
export function shortened(name: string, length: number, ending: '…' | '...'): string {
  const plain = plainName(name);
  const characters = Array.from(graphemes.segment(plain), ({ segment }) => segment);
  if (characters.length <= length) return plain;
  return (
    characters
      .slice(0, Math.max(1, length - ending.length))
      .join('')
      .trimEnd() + ending
  );
}

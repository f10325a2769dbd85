/** Makes the names that people give their rules safe to show in a line of text. */

const breaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** These change the direction of the text after the name. https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const directions = /[\u202a-\u202e\u2066-\u2069]/g;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The name on one line, without characters that change the direction of the text around it. */
export const plainName = (name: string): string => onOneLine(name) || 'Budget';

export const onOneLine = (text: string): string =>
  text.toWellFormed().replace(breaks, ' ').replace(directions, '').trim();

/** For plain text: isolates a right-to-left name, so that the figures after it keep their order. */
export const isolatedName = (name: string): string => isolated(plainName(name));

/** Isolates a text with right-to-left characters from the text around it. */
export const isolated = (text: string): string => (rightToLeft.test(text) ? `\u2068${text}\u2069` : text);

/** Shortens to at most `length` graphemes, `ending` included. */
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

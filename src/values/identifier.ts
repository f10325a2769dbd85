/** Ids that callers choose for users, categories, expenses and events, and names: text on one line that can be seen. */

/** Blanks, format characters such as U+200B, fillers, and the empty braille pattern. */
const invisible = String.raw`\s\p{Z}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800`;

/**
 * No control characters, line separators or lone surrogates, and something visible. The length counts code points; needs
 * the `u` flag.
 */
export const visiblePattern = (maxLength: number): string =>
  String.raw`^(?=.*[^${invisible}])[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,${maxLength}}$`;

export const identifierPattern = visiblePattern(128);
export const identifierRule = '1 to 128 printable characters, one of them visible';

const identifier = new RegExp(identifierPattern, 'u');

export const isIdentifier = (value: unknown): value is string =>
  typeof value === 'string' && identifier.test(value);

/** Ids that callers choose for users, categories, expenses and events, within the printable characters. */

/** No control characters, line separators or lone surrogates. The length counts code points; needs the `u` flag. */
export const identifierPattern = String.raw`^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,128}$`;

const identifier = new RegExp(identifierPattern, 'u');

export const isIdentifier = (value: unknown): value is string =>
  typeof value === 'string' && identifier.test(value);

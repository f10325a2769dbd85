/** The ids callers give: users, categories, expenses, events. Theirs to choose, within what can be printed. */

/** No control characters, line separators or lone surrogates; counted in code points. Needs the `u` flag. */
export const identifierPattern = String.raw`^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,128}$`;

const identifier = new RegExp(identifierPattern, 'u');

export const isIdentifier = (value: unknown): value is string =>
  typeof value === 'string' && identifier.test(value);

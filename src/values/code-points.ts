/**
 * Compares texts by code points, as PostgreSQL does with `collate "C"`. The bytes of UTF-8 have that order, and the `<` of
 * JavaScript does not: it compares UTF-16 code units. Negative, 0 or positive.
 */
export const compareCodePoints = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

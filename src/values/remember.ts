/** Spares a pure function the work it has done before. */

/**
 * Returns what `compute` returned for the same texts before. It keeps the results for `maxSize` different ones, and then
 * begins anew.
 */
export function remember<Texts extends readonly string[], Result>(
  maxSize: number,
  compute: (...texts: Texts) => Result,
): (...texts: Texts) => Result {
  const known = new Map<string, { result: Result }>();
  return (...texts) => {
    const key = texts.join(' ');
    const found = known.get(key);
    if (found) return found.result;
    if (known.size >= maxSize) known.clear();
    const result = compute(...texts);
    known.set(key, { result });
    return result;
  };
}

/** How much of a tenant's spending falls into each time of the year, from the year before. Pure. Days are numbers. */

/** Whole weeks, so that a day falls on the same weekday a year later. */
const yearLength = 364;
/** Days on either side that are looked at together, and those that they are compared with. */
const [nearDays, wideDays] = [7, 60] as const;
/** A time of the year is drawn to the usual by so many purchases, and then by a power. */
const drawnBy = 100;
const damping = 0.7;
const [least, most] = [0.4, 1.6] as const;

/** The factors of the days of a year; the one of a day has its number, modulo the year's length. */
export const evenSeasons: readonly number[] = Array.from({ length: yearLength }, () => 1);

export const seasonOf = (seasons: readonly number[], day: number): number => seasons[day % yearLength] ?? 1;

/**
 * `purchases`: of everybody, on each day from `first` on, of which the last year counts. `weightOf`: of the days
 * `from` until before `to`, without seasons. A day has factor 1 unless the tenant had purchases before all the days that it is compared with.
 */
export function seasonsOf(
  purchases: readonly number[],
  first: number,
  weightOf: (from: number, to: number) => number,
): number[] {
  const sums = new Float64Array(purchases.length + 1);
  for (const [at, count] of purchases.entries()) sums[at + 1] = (sums[at] ?? 0) + count;
  const end = first + purchases.length;
  const begun = first + purchases.findIndex((count) => count > 0);
  const rateAround = (day: number, days: number) => {
    const [from, to] = [Math.max(first, day - days), Math.min(end, day + days + 1)];
    return { weight: weightOf(from, to), found: (sums[to - first] ?? 0) - (sums[from - first] ?? 0) };
  };
  const seasons = [...evenSeasons];
  for (let day = Math.max(begun + wideDays, end - yearLength); day < end; day++) {
    const wide = rateAround(day, wideDays);
    const near = rateAround(day, nearDays);
    if (wide.found <= 0 || near.weight <= 0) continue;
    const usual = (near.weight * wide.found) / wide.weight;
    const factor = (near.found + drawnBy) / (usual + drawnBy);
    seasons[day % yearLength] = Math.min(most, Math.max(least, factor)) ** damping;
  }
  return seasons;
}

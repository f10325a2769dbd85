/**
 * Measures the real saving of an accepted recommendation. It compares all spending in the category over three
 * whole months after acceptance with what would have been expected had nobody acted. Recurring charges are left out.
 * Spending that only moved to another merchant is not saved.
 */
import { graceHours, startOfDay } from '../../values/period.ts';
import { decimalOf, difference, type Fraction, meanOf, over, parseFraction, rounded } from './fraction.ts';
import { amountsOf, type DaySpending, type Month, totalsOf } from './months.ts';
import { type Evidence, expectedMinor, type MonthEvidence } from './suggestion.ts';

const measuredMonths = 3;

/** The three months after the month in which it was accepted. `acceptedDay` is a local day. */
const monthsAfter = (acceptedDay: string): string[] =>
  Array.from({ length: measuredMonths }, (_, index) =>
    monthOf(acceptedDay)
      .add({ months: index + 1 })
      .toString(),
  );

/** The instant when these months are over and, as with alerts, the grace for late expenses has passed. */
export const measuredFrom = (acceptedDay: string, timeZone: string): Temporal.Instant =>
  startOfDay(firstDayAfter(acceptedDay), timeZone).add({ hours: graceHours('monthly') });

/** The first local day after these months. */
export const firstDayAfter = (acceptedDay: string): string =>
  monthOf(acceptedDay)
    .add({ months: measuredMonths + 1 })
    .toPlainDate({ day: 1 })
    .toString();

const monthOf = (day: string): Temporal.PlainYearMonth => Temporal.PlainDate.from(day).toPlainYearMonth();

/**
 * The spending a month that was expected at acceptance if nobody acted, as a decimal string. A rise stays only in part, so a
 * trend is expected to fall back without anybody's doing. The other types, and trends of the version before, were compared
 * with the mean of their months.
 */
export function baselineOf(evidence: Evidence): string {
  switch (evidence.type) {
    case 'spending_trend': {
      const [earlier, recent] = [meanOfEvidence(evidence.earlier), meanOfEvidence(evidence.recent)];
      return evidence.deviationMinor === undefined
        ? writeMean(recent)
        : writeMean(over(expectedMinor(rounded(earlier), rounded(recent)), 1));
    }
    case 'spending_volatility':
      return writeMean(meanOfEvidence(evidence.months));
    case 'merchant_consolidation': {
      const target = evidence.merchants.find(({ key }) => key === evidence.targetKey);
      const total = BigInt(evidence.elsewhereMinor) + BigInt(target?.spentMinor ?? 0);
      return writeMean(over(total, measuredMonths));
    }
  }
}

const meanOfEvidence = (months: readonly MonthEvidence[]): Fraction =>
  meanOf(months.map(({ totalMinor }) => BigInt(totalMinor)));

/** Six decimals keep halves and thirds of a minor unit apart. */
const writeMean = (mean: Fraction): string => decimalOf(mean, 6);

/**
 * How far the expected spending may lie from the real one if nobody acts, in deviations of the rise: 5 % lie below the
 * first and 5 % above the second. Measured on the half of the people that `confidence.ts` was fitted on, and rounded away
 * from zero.
 */
const errorIn = { low: -4.3, high: 2.0 } as const;

/** Holds the real saving with 90 %. */
export type SavedRange = { lowMinor: bigint; highMinor: bigint };

/** `savedMinor` is negative if more was spent than expected. `range` is null if no deviation is known. */
export type Measurement = { months: Month[]; savedMinor: bigint; range: SavedRange | null };

/** `spending` is that of the category, without recurring charges. */
export function measure(
  {
    baseline,
    deviationMinor,
    acceptedDay,
  }: { baseline: string; deviationMinor: string | null; acceptedDay: string },
  spending: readonly DaySpending[],
): Measurement {
  const months = totalsOf(spending, monthsAfter(acceptedDay));
  const savedMinor = rounded(difference(parseFraction(baseline), meanOf(amountsOf(months))));
  return { months, savedMinor, range: deviationMinor === null ? null : rangeOf(savedMinor, deviationMinor) };
}

function rangeOf(savedMinor: bigint, deviationMinor: string): SavedRange {
  const error = (deviations: number) => BigInt(Math.round(deviations * Number(deviationMinor)));
  return { lowMinor: savedMinor - error(errorIn.high), highMinor: savedMinor - error(errorIn.low) };
}

/** A saving is claimed only where its range leaves zero out. */
export const isClaimed = ({ lowMinor, highMinor }: SavedRange): boolean => lowMinor > 0n || highMinor < 0n;

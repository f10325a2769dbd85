/**
 * Measures the real saving of an accepted recommendation. It compares all spending in the category over three
 * whole months after acceptance with the month before. Spending that only moved to another merchant is not
 * saved.
 */
import { graceHours, startOfDay } from '../../values/period.ts';
import {
  decimalOf,
  difference,
  type Fraction,
  meanOf,
  over,
  parseFraction,
  rounded,
  sumOf,
} from './fraction.ts';
import { amountsOf, completeMonthsOf, type DaySpending, type Month, totalsOf } from './months.ts';
import type { Evidence, MonthEvidence } from './suggestion.ts';

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
 * The monthly spending in the category at the time of acceptance, as a decimal string. For a trend or
 * volatility it is the mean of the months in the evidence. For a consolidation it is the mean of the last
 * three months. `spending` is that of the category until `today`, `firstDay` the day of its first expense.
 */
export function baselineOf(
  evidence: Evidence,
  spending: readonly DaySpending[],
  firstDay: string,
  today: string,
): string {
  switch (evidence.type) {
    case 'spending_trend':
      return writeMean(meanOfEvidence(evidence.recent));
    case 'spending_volatility':
      return writeMean(meanOfEvidence(evidence.months));
    case 'merchant_consolidation':
      return writeMean(meanBefore(spending, firstDay, today));
  }
}

const meanOfEvidence = (months: readonly MonthEvidence[]): Fraction =>
  meanOf(months.map(({ totalMinor }) => BigInt(totalMinor)));

/** The mean of the last three complete months, or of as many as there are. */
function meanBefore(spending: readonly DaySpending[], firstDay: string, today: string): Fraction {
  const months = completeMonthsOf(firstDay, today, measuredMonths);
  if (months.length === 0) return scaledToMonth(spending, firstDay, today);
  return meanOf(amountsOf(totalsOf(spending, months)));
}

/** 30.4375 days in units of 1/10,000 day. */
const averageMonth = 304_375n;

/**
 * For a category without a complete month: the spending since its first day, scaled to an average month of
 * 30.4375 days. A shorter time counts as a whole month. Scaled up, one large purchase would later look like a
 * large saving.
 */
function scaledToMonth(spending: readonly DaySpending[], firstDay: string, today: string): Fraction {
  const days = 10_000n * BigInt(Temporal.PlainDate.from(firstDay).until(today).days + 1);
  const total = sumOf(spending.map(({ amountMinor }) => amountMinor));
  return days > averageMonth ? over(total * averageMonth, days) : over(total, 1);
}

/** Six decimals keep halves and thirds of a minor unit apart. */
const writeMean = (mean: Fraction): string => decimalOf(mean, 6);

/** `savedMinor` is negative if more was spent than before. */
export type Measurement = { months: Month[]; savedMinor: bigint };

/** `spending` is that of the category. */
export function measure(
  { baseline, acceptedDay }: { baseline: string; acceptedDay: string },
  spending: readonly DaySpending[],
): Measurement {
  const months = totalsOf(spending, monthsAfter(acceptedDay));
  const savedMinor = rounded(difference(parseFraction(baseline), meanOf(amountsOf(months))));
  return { months, savedMinor };
}

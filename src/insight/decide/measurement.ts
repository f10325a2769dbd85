/**
 * What an accepted recommendation really saved: all that was spent in its category in three whole months after
 * it, against a month before. What only went to another merchant is not saved.
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

/** The months that follow the month of the local day it was accepted on. */
const monthsAfter = (acceptedDay: string): string[] =>
  Array.from({ length: measuredMonths }, (_, place) =>
    monthOf(acceptedDay)
      .add({ months: place + 1 })
      .toString(),
  );

/** When they are over and, as with alerts, late expenses of their last days have come. */
export const measuredFrom = (acceptedDay: string, timeZone: string): Temporal.Instant =>
  startOfDay(firstDayAfter(acceptedDay), timeZone).add({ hours: graceHours('monthly') });

/** The first local day after them. */
export const firstDayAfter = (acceptedDay: string): string =>
  monthOf(acceptedDay)
    .add({ months: measuredMonths + 1 })
    .toPlainDate({ day: 1 })
    .toString();

const monthOf = (day: string): Temporal.PlainYearMonth => Temporal.PlainDate.from(day).toPlainYearMonth();

/**
 * A month's spending in the category when it was accepted, in decimal: of the months that a trend or swings were
 * seen in; consolidating, of the last three. `spending`: of the category until `today`; `firstDay`: of its first
 * expense.
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

/** Of the last three complete months, or those there are. */
function meanBefore(spending: readonly DaySpending[], firstDay: string, today: string): Fraction {
  const months = completeMonthsOf(firstDay, today, measuredMonths);
  if (months.length === 0) return scaledToMonth(spending, firstDay, today);
  return meanOf(amountsOf(totalsOf(spending, months)));
}

/** 30.4375 days, in ten-thousandths of one. */
const averageMonth = 304_375n;

/**
 * Of a category too young for a complete month: what was spent since its first day, scaled to the days of an
 * average month, 30.4375. What came together in fewer days is taken for a month's: scaled up, one large purchase
 * would later pass for much saved.
 */
function scaledToMonth(spending: readonly DaySpending[], firstDay: string, today: string): Fraction {
  const days = 10_000n * BigInt(Temporal.PlainDate.from(firstDay).until(today).days + 1);
  const total = sumOf(spending.map(({ amountMinor }) => amountMinor));
  return days > averageMonth ? over(total * averageMonth, days) : over(total, 1);
}

/** Enough decimals that halves and thirds of a minor unit stay apart. */
const writeMean = (mean: Fraction): string => decimalOf(mean, 6);

/** `savedMinor`: below zero where more was spent than before. */
export type Measurement = { months: Month[]; savedMinor: bigint };

/** `spending`: of the category. */
export function measure(
  { baseline, acceptedDay }: { baseline: string; acceptedDay: string },
  spending: readonly DaySpending[],
): Measurement {
  const months = totalsOf(spending, monthsAfter(acceptedDay));
  const savedMinor = rounded(difference(parseFraction(baseline), meanOf(amountsOf(months))));
  return { months, savedMinor };
}

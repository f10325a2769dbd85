/** What an accepted recommendation really saved: three whole months after it, against how it was then. */
import { startOfDay } from '../period.ts';
import { windowMonths } from './consolidation.ts';
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
import { isInWindow, merchantKeys, windowEnding } from './merchants.ts';
import { amountsOf, completeMonths, type DaySpending, type Month, totalsOf } from './months.ts';
import type { Evidence } from './suggestion.ts';

const measuredMonths = 3;

/** The months that follow the month of the local day it was accepted on. */
const monthsAfter = (acceptedDay: string): string[] =>
  Array.from({ length: measuredMonths }, (_, place) =>
    monthOf(acceptedDay)
      .add({ months: place + 1 })
      .toString(),
  );

/** The first instant after them. */
export const measuredFrom = (acceptedDay: string, timeZone: string): Temporal.Instant =>
  startOfDay(firstDayAfter(acceptedDay), timeZone);

/** The first local day after them. */
export const firstDayAfter = (acceptedDay: string): string =>
  monthOf(acceptedDay)
    .add({ months: measuredMonths + 1 })
    .toPlainDate({ day: 1 })
    .toString();

const monthOf = (day: string): Temporal.PlainYearMonth => Temporal.PlainDate.from(day).toPlainYearMonth();

/**
 * A month's spending when it was accepted, in decimal. `spending`: of the category; `firstDay`: of its first
 * expense. Consolidating, it is what goes to other merchants than the one to stay with.
 */
export function baselineOf(
  evidence: Evidence,
  spending: readonly DaySpending[],
  firstDay: string,
  today: string,
): string {
  const counted = countedFor(evidence, spending);
  if (evidence.type !== 'merchant_consolidation')
    return writeMean(meanOf(amountsOf(totalsOf(counted, completeMonths(firstDay, today, measuredMonths)))));
  const window = windowEnding(today);
  const inWindow = counted.filter((each) => isInWindow(each, window));
  return writeMean(over(sumOf(inWindow.map(({ amountMinor }) => amountMinor)), windowMonths));
}

/** Enough decimals that halves and thirds of a minor unit stay apart. */
const writeMean = (mean: Fraction): string => decimalOf(mean, 6);

/** `savedMinor`: below zero where more was spent than before. */
export type Measurement = { months: Month[]; savedMinor: bigint };

export function measure(
  { evidence, baseline, acceptedDay }: { evidence: Evidence; baseline: string; acceptedDay: string },
  spending: readonly DaySpending[],
): Measurement {
  const months = totalsOf(countedFor(evidence, spending), monthsAfter(acceptedDay));
  const savedMinor = rounded(difference(parseFraction(baseline), meanOf(amountsOf(months))));
  return { months, savedMinor };
}

function countedFor(evidence: Evidence, spending: readonly DaySpending[]): readonly DaySpending[] {
  if (evidence.type !== 'merchant_consolidation') return spending;
  const keyOf = merchantKeys();
  return spending.filter((each) => {
    const key = keyOf(each);
    return key !== null && key !== evidence.targetKey;
  });
}

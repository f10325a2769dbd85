/** Says whether a rule's period can be forecast, which periods came before it, and which bills it still has. Pure. */
import type { Rule, Scope } from '../../../alerts/decide/rule.ts';
import { covers } from '../../../alerts/decide/scope.ts';
import { type BudgetPeriod, isOnce, type Period, periodContaining } from '../../../values/period.ts';
import type { Span } from './expected-remaining.ts';
import { DailySums, type DaySum } from './daily-sums.ts';
import type { DayWeights } from './day-weights.ts';
import { type Bill, forecastRemaining, type Remaining } from './forecast.ts';
import type { ForecastRatios } from './forecast-ratios.ts';
import { completeMonthsOf } from '../months.ts';
import type { Charge } from '../recurring.ts';
import type { IdentifiedStream } from '../recurring-identity.ts';
import { dayNumber, dayText, dueDay, nearestDue } from '../recurring-schedule.ts';

export const forecastRefusals = ['too_little_history', 'too_early', 'period_too_short'] as const;
/** Why there is no forecast. `too_early`: less than a tenth of the period has passed. */
export type ForecastRefusal = (typeof forecastRefusals)[number];

const leastMonths = 3;
/** Some part of the period must have shown how it goes: a tenth, rounded down to days; today counts. */
const leastPart = 10;

const spanOf = ({ start, end }: Period): Span => ({ start: dayNumber(start), end: dayNumber(end) });

/** `firstDay`: the day of the first expense that the rule watches, or null. */
export function refusalOf(period: Period, firstDay: string | null, today: string): ForecastRefusal | null {
  const { start, end } = spanOf(period);
  if (end - start < 2) return 'period_too_short';
  if (firstDay === null || completeMonthsOf(firstDay, today, leastMonths).length < leastMonths)
    return 'too_little_history';
  return dayNumber(today) - start + 1 < Math.floor((end - start) / leastPart) ? 'too_early' : null;
}

/** The periods before this one, the latest first, from `first` on. Before a rule's first one they are as long as this one. */
export function earlierPeriods(budget: BudgetPeriod, period: Period, first: string): Span[] {
  const earlier: Span[] = [];
  let { start, end } = spanOf(period);
  const length = end - start;
  for (;;) {
    const before = isOnce(budget) ? null : periodContaining(budget, dayText(start - 1));
    ({ start, end } = before ? spanOf(before) : { start: start - length, end: start });
    if (start < dayNumber(first)) return earlier;
    earlier.push({ start, end });
  }
}

type RuleScope = Scope & Pick<Rule, 'currency'>;

/** A bill that is due before the period's end, with its merchant. */
export type UpcomingBill = Bill & { merchant: string; recurringId: string };

/** What is recurring in the scope of a rule: its bills to come, and the charges of earlier ones. */
export type RuleBills = { upcoming: UpcomingBill[]; charges: Charge[] };

/** `charges`: of the person, by id. `now`: the first day that is still to come. `end`: of the period. */
export function billsOf(
  rule: RuleScope,
  known: readonly IdentifiedStream[],
  charges: ReadonlyMap<string, Charge>,
  { now, end }: { now: number; end: number },
): RuleBills {
  const counted = known.filter(isBill);
  const own = (id: string): Charge[] => {
    const charge = charges.get(id);
    return charge && charge.currency === rule.currency && isInScope(rule, charge) ? [charge] : [];
  };
  const inScope = counted.filter(({ stream }) => own(stream.expenseIds.at(-1) ?? '').length > 0);
  return {
    upcoming: inScope
      .flatMap((bill) => duesOf(bill, now, end))
      .toSorted((one, other) => one.dueOn - other.dueOn),
    charges: inScope.flatMap(({ stream }) => stream.expenseIds.flatMap(own)),
  };
}

const isBill = ({ stream: { state }, decision }: IdentifiedStream): boolean =>
  decision !== 'ignored' &&
  (state === 'active' || state === 'late' || (decision === 'confirmed' && state !== 'ended'));

const isInScope = (rule: RuleScope, { categoryId, merchant, merchantRef }: Charge): boolean =>
  covers(rule, { categoryId, merchant, merchantId: merchantRef?.id ?? null });

/** A charge that is due already and has not come yet is expected now, unless it is late. */
function duesOf({ stream, id }: IdentifiedStream, now: number, end: number): UpcomingBill[] {
  const { schedule, merchant, amountMinor, state } = stream;
  const dues: UpcomingBill[] = [];
  const last = nearestDue(schedule, dayNumber(stream.lastDay));
  for (let next = last + 1; dueDay(schedule, next) < end; next++) {
    const due = dueDay(schedule, next);
    if (due < now && (state === 'late' || next > last + 1)) continue;
    dues.push({ merchant, recurringId: id, amountMinor, dueOn: Math.max(due, now) });
  }
  return now < end ? dues : [];
}

/** History is read from so many months before a period. */
const monthsBefore = 13;

/** The first day of what a forecast of the period is based on. */
export const historyFrom = ({ start }: Pick<Period, 'start'>): string =>
  Temporal.PlainDate.from(start).subtract({ months: monthsBefore }).toString();

/** Spending by day without these charges. */
export const withoutCharges = (days: readonly DaySum[], charges: readonly Charge[]): DaySum[] => [
  ...days,
  ...charges.map(({ day, amountMinor }) => ({
    number: dayNumber(day),
    amount: -Number(amountMinor),
    purchases: -1,
  })),
];

/** `days`: what the rule counts from `historyFrom(period)` on, in order. `now`: the first day that is still to come. */
export type RuleHistory = {
  budget: BudgetPeriod;
  period: Period;
  days: readonly DaySum[];
  now: number;
  bills: RuleBills;
  ratios: ForecastRatios;
  weights: DayWeights;
};

/** What a rule will still cost until its period's end. Null if there is too little to go by. */
export function remainingOf({
  budget,
  period,
  days,
  now,
  bills,
  ratios,
  weights,
}: RuleHistory): Remaining | null {
  const from = historyFrom(period);
  const span = spanOf(period);
  return forecastRemaining({
    sums: new DailySums(withoutCharges(days, bills.charges), dayNumber(from), now),
    first: days[0]?.number ?? span.start,
    period: span,
    now,
    weights,
    earlier: earlierPeriods(budget, period, from),
    ratios,
    bills: bills.upcoming,
  });
}

/** Bills that are due within so many days may come before the next forecast. */
const soonDays = 3;

/** The sum of the bills that are due soon after the day, by its number. */
export const soonDueMinor = (upcoming: readonly Bill[], day: number): bigint =>
  upcoming
    .filter(({ dueOn }) => dueOn <= day + soonDays)
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);

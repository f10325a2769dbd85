/** Replays a person's charges month by month: what is suggested if nobody ever answers, and what became of it. */
import { limitsFrom, rank } from '../../../src/insight/decide/choice.ts';
import { confidenceOf } from '../../../src/insight/decide/confidence.ts';
import { expiryOf, type Known, reconcile, statusAt } from '../../../src/insight/decide/lifecycle.ts';
import { baselineOf, firstDayAfter, measure } from '../../../src/insight/decide/measurement.ts';
import { type DaySpending, firstDayLookedAt } from '../../../src/insight/decide/months.ts';
import { profileOf } from '../../../src/insight/decide/profile.ts';
import { type Charge, findStreams, firstChargeDay } from '../../../src/insight/decide/recurring.ts';
import { boughtMonthsOf, riseOf } from '../../../src/insight/decide/rise.ts';
import type { Suggestion } from '../../../src/insight/decide/suggestion.ts';

/** `lasts`: the mean of the next three months is at least 1.1 times the earlier mean. */
export type JudgedRise = { confidence: number; lasts: boolean };
/** `placebo`: measured as if accepted, in deviations of the rise; null where the months after are not known. */
export type JudgedSuggestion = {
  categoryId: string;
  lasts: boolean;
  placebo: { deviations: number; claimed: -1 | 0 | 1 } | null;
};
export type Replayed = {
  personMonths: number;
  mostOpen: number;
  categories: Set<string>;
  rises: JudgedRise[];
  suggestions: JudgedSuggestion[];
};

type Span = { first: string; last: string; endDay: string; currency: string };

const monthsJudged = 3;
const lasting = 1.1;

/**
 * `charges` are oldest first. A profile is built on the first day of each month from `first` to `last`. `endDay`: the last day
 * of the statements.
 */
export function replay(charges: readonly Charge[], { first, last, endDay, currency }: Span): Replayed {
  const firstDays = new Map<string, string>();
  for (const { categoryId, day } of charges) if (!firstDays.has(categoryId)) firstDays.set(categoryId, day);
  const rows: Known[] = [];
  const replayed: Replayed = {
    personMonths: 0,
    mostOpen: 0,
    categories: new Set(),
    rises: [],
    suggestions: [],
  };
  for (
    let month = Temporal.PlainYearMonth.from(first);
    Temporal.PlainYearMonth.compare(month, last) <= 0;
    month = month.add({ months: 1 })
  ) {
    const today = month.toPlainDate({ day: 1 });
    if (!isActive(charges, today)) continue;
    replayed.personMonths++;
    replayMonth({ charges, firstDays, today: today.toString(), endDay, currency }, rows, replayed);
  }
  return replayed;
}

const isActive = (charges: readonly Charge[], today: Temporal.PlainDate): boolean => {
  const from = today.subtract({ months: monthsJudged }).toString();
  return charges.some(({ day }) => from <= day && day < today.toString());
};

type Moment = {
  charges: readonly Charge[];
  firstDays: ReadonlyMap<string, string>;
  today: string;
  endDay: string;
  currency: string;
};

function replayMonth(moment: Moment, rows: Known[], replayed: Replayed): void {
  const { firstDays, today, currency } = moment;
  const now = Temporal.PlainDate.from(today).toZonedDateTime('UTC').toInstant();
  const spending = spendingUntil(moment, today);
  const { suggestions } = profileOf({ spending, firstDays, today, currency });
  const later = laterSpending(moment);
  judgeRises(moment, { spending, later }, replayed);
  const made = rows.filter(({ createdAt }) => now.since(createdAt).total('hours') < 24 * 30).length;
  const limits = limitsFrom(
    [{ type: 'spending_trend', categoryId: '', accepted: 0, dismissed: 0, dismissedAt: null, made }],
    now,
  );
  const plan = reconcile(
    suggestions.map((each) => rank(each, [])),
    rows,
    now,
    limits,
  );
  for (const id of plan.withdraw) withdraw(rows, id, now);
  for (const { id, suggestion, expiresAt } of plan.refresh)
    Object.assign(rows[Number(id)] ?? {}, suggestion, { status: 'suggested', isWithdrawn: false, expiresAt });
  for (const suggestion of plan.insert) {
    rows.push({
      ...suggestion,
      id: String(rows.length),
      status: 'suggested',
      isMeasured: false,
      isWithdrawn: false,
      createdAt: now,
      expiresAt: expiryOf(now),
    });
    replayed.suggestions.push(judgeSuggestion(moment, suggestion, later));
  }
  const open = rows.filter((each) => statusAt(each, now) === 'suggested');
  replayed.mostOpen = Math.max(replayed.mostOpen, open.length);
}

function withdraw(rows: Known[], id: string, now: Temporal.Instant): void {
  const row = rows[Number(id)];
  if (row) Object.assign(row, { isWithdrawn: statusAt(row, now) === 'suggested', status: 'expired' });
}

/** The spending before the day, with the streams that are known then. */
function spendingUntil({ charges }: Moment, day: string): DaySpending[] {
  const from = firstDayLookedAt(day);
  const known = charges.filter((each) => each.day < day && each.day >= from);
  return toSpending(known, streamsOf(charges, day));
}

/** The months that follow, with the streams that are known when they are over. */
function laterSpending({ charges, today }: Moment): DaySpending[] {
  const until = firstDayAfter(today);
  const known = charges.filter(({ day }) => today <= day && day < until);
  return toSpending(known, streamsOf(charges, until));
}

function streamsOf(charges: readonly Charge[], day: string): Set<string> {
  const from = firstChargeDay(day);
  const named = charges.filter((each) => each.merchant !== null && from <= each.day && each.day < day);
  return new Set(findStreams(named, day).flatMap(({ expenseIds }) => expenseIds));
}

const toSpending = (charges: readonly Charge[], recurring: ReadonlySet<string>): DaySpending[] =>
  charges.map(({ expenseId, categoryId, merchant, merchantRef, day, amountMinor }) => {
    const bought = amountMinor > 0n ? amountMinor : 0n;
    return {
      categoryId,
      merchant,
      merchantRef,
      day,
      amountMinor,
      purchases: amountMinor > 0n ? 1 : 0,
      boughtMinor: bought,
      largestMinor: bought,
      squares: Number(bought) ** 2,
      isRecurring: recurring.has(expenseId),
    };
  });

/** Every rise of a tenth or more, whether suggested or not. */
function judgeRises(
  { firstDays, today }: Moment,
  { spending, later }: { spending: readonly DaySpending[]; later: readonly DaySpending[] },
  replayed: Replayed,
): void {
  for (const [categoryId, own] of Map.groupBy(spending, (each) => each.categoryId)) {
    replayed.categories.add(categoryId);
    const rise = riseOf(boughtMonthsOf(own, firstDays.get(categoryId) ?? today, today));
    if (!rise || Number(rise.recentMinor) < lasting * Number(rise.earlierMinor)) continue;
    const lasts = meanAfter(later, categoryId, today) >= lasting * Number(rise.earlierMinor);
    replayed.rises.push({ confidence: confidenceOf(rise), lasts });
  }
}

/** The mean of the three months from `today` on. */
function meanAfter(later: readonly DaySpending[], categoryId: string, today: string): number {
  const until = Temporal.PlainDate.from(today).add({ months: monthsJudged }).toString();
  const own = later.filter((each) => each.categoryId === categoryId && !each.isRecurring && each.day < until);
  return own.reduce((sum, { amountMinor }) => sum + Number(amountMinor), 0) / monthsJudged;
}

function judgeSuggestion(
  { today, endDay }: Moment,
  { categoryId, evidence }: Suggestion,
  later: readonly DaySpending[],
): JudgedSuggestion {
  if (evidence.type !== 'spending_trend') throw new Error(`${evidence.type} is no longer made`);
  const earlier =
    evidence.earlier.reduce((sum, { totalMinor }) => sum + Number(totalMinor), 0) / monthsJudged;
  const lasts = meanAfter(later, categoryId, today) >= lasting * earlier;
  if (firstDayAfter(today) > Temporal.PlainDate.from(endDay).add({ days: 1 }).toString())
    return { categoryId, lasts, placebo: null };
  const own = later.filter((each) => each.categoryId === categoryId && !each.isRecurring);
  const deviationMinor = evidence.deviationMinor ?? '1';
  const measured = measure({ baseline: baselineOf(evidence), deviationMinor, acceptedDay: today }, own);
  const deviations = Number(measured.savedMinor) / Number(deviationMinor);
  return { categoryId, lasts, placebo: { deviations, claimed: claimOf(measured.range) } };
}

function claimOf(range: ReturnType<typeof measure>['range']): -1 | 0 | 1 {
  if (range && range.lowMinor > 0n) return 1;
  return range && range.highMinor < 0n ? -1 : 0;
}

/** Computes how changed expenses change the daily totals and the spending of each rule's periods. */
import type { Contribution, SpendingChange } from './apply-events.ts';
import { type Period, type PeriodPhase, periodContaining, phaseOf } from '../../values/period.ts';
import type { Rule } from './rule.ts';
import { covers, coversDay } from './scope.ts';

export type DailyDelta = Omit<Contribution, 'merchant' | 'merchantId'> & { count: number };

/** Computes the net change of each daily total. Changes of zero are left out. */
export function dailyDeltas(changes: readonly SpendingChange[]): DailyDelta[] {
  const totals = new Map<string, DailyDelta>();
  for (const { before, after, replaced } of changes) {
    if (before) addDaily(totals, before, -1);
    if (replaced) addDaily(totals, replaced, -1);
    if (after) addDaily(totals, after, 1);
  }
  return [...totals.values()].filter((delta) => delta.amountMinor !== 0n || delta.count !== 0);
}

function addDaily(totals: Map<string, DailyDelta>, part: Contribution, sign: 1 | -1): void {
  const { tenantId, userId, day, categoryId, currency } = part;
  const key = JSON.stringify([tenantId, userId, day, categoryId, currency]);
  const none = { tenantId, userId, day, categoryId, currency, amountMinor: 0n, count: 0 };
  const total = totals.get(key) ?? none;
  totals.set(key, {
    ...total,
    amountMinor: total.amountMinor + BigInt(sign) * part.amountMinor,
    count: total.count + sign,
  });
}

export type Step = { deltaMinor: bigint; expenseId: string | null };

/** `unrated`: expenses in the rule's scope that have no exchange rate to its currency. */
export type RulePeriod = {
  rule: Rule;
  period: Period;
  phase: PeriodPhase;
  steps: Step[];
  unrated: string[];
};

/** A person's rules, and the time zone of their local days. */
export type Watched = { timeZone: string; rules: readonly Rule[] };

type WatchedOf = (tenantId: string, userId: string) => Watched;

/** Converts an expense to a currency, in its minor units. Null if no exchange rate is valid on its day. */
export type Convert = (part: Contribution, currency: string) => bigint | null;

/** A conversion between two currencies on a day. */
export type Conversion = { tenantId: string; day: string; from: string; to: string };

/** Pairs of an expense and a rule between two yields: some milliseconds of work. */
const pairsAtATime = 5_000;

/**
 * Lists the conversions that `touchPeriods` needs: of expenses that count towards a rule of another currency. It yields
 * where the caller may let other work come first.
 */
export function* listConversions(
  changes: readonly SpendingChange[],
  watchedOf: WatchedOf,
): Generator<void, Conversion[]> {
  const conversions: Conversion[] = [];
  let seen = 0;
  for (const change of changes) {
    const pairs = pairsOf(change, watchedOf);
    for (const { rule, part } of pairs) {
      const { tenantId, day, currency: from } = part;
      if (rule.currency !== from) conversions.push({ tenantId, day, from, to: rule.currency });
    }
    if (isTimeToYield((seen += pairs.length), pairs.length)) yield;
  }
  return conversions;
}

/**
 * Computes the rule periods that the changes concern, each with its steps in the order of the changes. `convert` must
 * always give the same result for an expense, so that the amount added is the amount subtracted later. It yields where the
 * caller may let other work come first.
 */
export function* touchPeriods(
  changes: readonly SpendingChange[],
  watchedOf: WatchedOf,
  convert: Convert,
  now: Temporal.Instant,
): Generator<void, RulePeriod[]> {
  const touched = new Map<string, RulePeriod>();
  let seen = 0;
  for (const change of changes) {
    const steps = new Map<RulePeriod, bigint>();
    const pairs = pairsOf(change, watchedOf);
    for (const { rule, part, sign, timeZone } of pairs) {
      const at = periodFor(touched, rule, part.day, timeZone, now);
      const amountMinor = rule.currency === part.currency ? part.amountMinor : convert(part, rule.currency);
      if (amountMinor !== null) steps.set(at, (steps.get(at) ?? 0n) + sign * amountMinor);
      else if (sign > 0n) at.unrated.push(change.expenseId);
    }
    for (const [at, deltaMinor] of steps) at.steps.push({ deltaMinor, expenseId: change.expenseId });
    if (isTimeToYield((seen += pairs.length), pairs.length)) yield;
  }
  return [...touched.values()].filter((at) => at.steps.length > 0 || at.unrated.length > 0);
}

/** True once in so many pairs: when the last `added` of `seen` made another portion full. */
const isTimeToYield = (seen: number, added: number): boolean => seen % pairsAtATime < added;

type Pair = { rule: Rule; part: Contribution; sign: bigint; timeZone: string };

/** Pairs an expense with each rule that it counts towards, before the change and after it. */
function pairsOf({ before, after, replaced }: SpendingChange, watchedOf: WatchedOf): Pair[] {
  const pairs = (part: Contribution | null | undefined, sign: bigint): Pair[] => {
    if (!part) return [];
    const { rules, timeZone } = watchedOf(part.tenantId, part.userId);
    return rules
      .filter((rule) => covers(rule, part) && coversDay(rule.period, part.day))
      .map((rule) => ({ rule, part, sign, timeZone }));
  };
  return [...pairs(before, -1n), ...pairs(replaced, -1n), ...pairs(after, 1n)];
}

function periodFor(
  touched: Map<string, RulePeriod>,
  rule: Rule,
  day: string,
  timeZone: string,
  now: Temporal.Instant,
): RulePeriod {
  const period = periodContaining(rule.period, day);
  if (!period) throw new Error('an expense counts in no period of a rule that covers its day');
  const key = `${rule.id} ${period.start}`;
  const known = touched.get(key);
  if (known) return known;
  const added = { rule, period, phase: phaseOf(rule.period, period, timeZone, now), steps: [], unrated: [] };
  touched.set(key, added);
  return added;
}

/** Computes how changed expenses change the daily totals and the spending of each rule's periods. */
import type { Contribution, SpendingChange } from './apply-events.ts';
import { type Period, type PeriodPhase, periodContaining, phaseOf } from '../../values/period.ts';
import { coversCategory, type Rule } from './rule.ts';

export type DailyDelta = Contribution & { count: number };

/** Computes the net change of each daily total. Changes of zero are left out. */
export function dailyDeltas(changes: readonly SpendingChange[]): DailyDelta[] {
  const totals = new Map<string, DailyDelta>();
  for (const { before, after } of changes) {
    if (before) addDaily(totals, before, -1);
    if (after) addDaily(totals, after, 1);
  }
  return [...totals.values()].filter((delta) => delta.amountMinor !== 0n || delta.count !== 0);
}

function addDaily(totals: Map<string, DailyDelta>, part: Contribution, sign: 1 | -1): void {
  const { tenantId, userId, day, categoryId, currency } = part;
  const key = JSON.stringify([tenantId, userId, day, categoryId, currency]);
  const total = totals.get(key) ?? { ...part, amountMinor: 0n, count: 0 };
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

/** Lists the conversions that `touchedPeriods` needs: of expenses that count towards a rule of another currency. */
export const conversionsOf = (changes: readonly SpendingChange[], watchedOf: WatchedOf): Conversion[] =>
  changes
    .flatMap((change) => pairsOf(change, watchedOf))
    .filter(({ rule, part }) => rule.currency !== part.currency)
    .map(({ rule, part: { tenantId, day, currency } }) => ({
      tenantId,
      day,
      from: currency,
      to: rule.currency,
    }));

/**
 * Computes the rule periods that the changes concern, each with its steps in the order of the changes. `convert` must
 * always give the same result for an expense, so that the amount added is the amount subtracted later.
 */
export function touchedPeriods(
  changes: readonly SpendingChange[],
  watchedOf: WatchedOf,
  convert: Convert,
  now: Temporal.Instant,
): RulePeriod[] {
  const touched = new Map<string, RulePeriod>();
  for (const change of changes) {
    const steps = new Map<RulePeriod, bigint>();
    for (const { rule, part, sign, timeZone } of pairsOf(change, watchedOf)) {
      const at = periodFor(touched, rule, part.day, timeZone, now);
      const amountMinor = rule.currency === part.currency ? part.amountMinor : convert(part, rule.currency);
      if (amountMinor !== null) steps.set(at, (steps.get(at) ?? 0n) + sign * amountMinor);
      else if (sign > 0n) at.unrated.push(change.expenseId);
    }
    for (const [at, deltaMinor] of steps) at.steps.push({ deltaMinor, expenseId: change.expenseId });
  }
  return [...touched.values()].filter((at) => at.steps.length > 0 || at.unrated.length > 0);
}

type Pair = { rule: Rule; part: Contribution; sign: bigint; timeZone: string };

/** Pairs an expense with each rule that it counts towards, before the change and after it. */
function pairsOf({ before, after }: SpendingChange, watchedOf: WatchedOf): Pair[] {
  const pairs = (part: Contribution | null, sign: bigint): Pair[] => {
    if (!part) return [];
    const { rules, timeZone } = watchedOf(part.tenantId, part.userId);
    return rules
      .filter((rule) => coversCategory(rule, part.categoryId))
      .map((rule) => ({ rule, part, sign, timeZone }));
  };
  return [...pairs(before, -1n), ...pairs(after, 1n)];
}

function periodFor(
  touched: Map<string, RulePeriod>,
  rule: Rule,
  day: string,
  timeZone: string,
  now: Temporal.Instant,
): RulePeriod {
  const period = periodContaining(rule.period, day);
  const key = `${rule.id} ${period.start}`;
  const known = touched.get(key);
  if (known) return known;
  const added = { rule, period, phase: phaseOf(rule.period, period, timeZone, now), steps: [], unrated: [] };
  touched.set(key, added);
  return added;
}

/**
 * Carries what is left of a budget over to the rule's next period. An evaluation of one period may thereby concern others:
 * the one before, whose rest it carries, and those after it, whose budget its rest is part of.
 *
 * What a period carries is fixed once the period before can alert no more. Until then a correction of that one changes it.
 */
import { sql as statement } from 'kysely';
import { inPeriod } from '../decide/rollover.ts';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { type Period, periodContaining, phaseOf } from '../../values/period.ts';
import { measureWork, type PeriodWork } from './measure-work.ts';

type Kept = { period: Period; spentMinor: bigint; leftBeforeMinor: bigint | null };

/** Knows what was left of each period, by the rows that are kept and then by what is evaluated. */
export class CarryOver {
  readonly #left = new Map<string, bigint>();

  /** `rule`: with the budget of the period. */
  note(rule: Rule, period: Period, spentMinor: bigint): void {
    this.#left.set(keyOf(rule, period), rule.budgetMinor - spentMinor);
  }

  /** What was left of the period before, for a period that `stored` has or that begins. Null if nothing is carried into it. */
  leftBefore(
    { rule, period, person }: PeriodWork,
    stored: bigint | null,
    now: Temporal.Instant,
  ): bigint | null {
    if (rule.rollover === 'none' || isFirst(rule, period)) return null;
    const before = periodBefore(rule, period);
    if (!before) return null;
    const isFixed = stored !== null && phaseOf(rule.period, before, person.timeZone, now) === 'closed';
    return isFixed ? stored : (this.#left.get(keyOf(rule, before)) ?? stored);
  }
}

const keyOf = ({ id }: Rule, { start, end }: Period): string => `${id} ${start} ${end}`;

const isFirst = ({ carriesFrom }: Rule, { start }: Period): boolean =>
  carriesFrom !== null && start <= carriesFrom;

/** Null before the first occurrence of a recurring period, and for a single one. */
const periodBefore = (rule: Rule, { start }: Period): Period | null =>
  periodContaining(rule.period, Temporal.PlainDate.from(start).subtract({ days: 1 }).toString());

const periodAfter = (rule: Rule, { end }: Period): Period | null => periodContaining(rule.period, end);

/**
 * Adds the works of the other periods that are concerned, each rule's in order of time. Runs no query unless a rule
 * carries anything over. The caller has locked the rules' people.
 */
export async function withCarryOver(
  sql: Sql,
  works: readonly PeriodWork[],
  now: Temporal.Instant,
): Promise<{ works: readonly PeriodWork[]; carryOver: CarryOver }> {
  const carryOver = new CarryOver();
  const rolling = Map.groupBy(works.filter(mayCarry), ({ rule }) => rule.id);
  if (rolling.size === 0) return { works, carryOver };
  const kept = await readKept(sql, [...rolling.values()]);
  const all = [...rolling].flatMap(([ruleId, own]) => {
    const rows = kept.get(ruleId) ?? [];
    for (const { rule } of own.slice(0, 1))
      for (const { period, spentMinor, leftBeforeMinor } of rows)
        carryOver.note(inPeriod(rule, leftBeforeMinor), period, spentMinor);
    return concerned(own, rows, now);
  });
  return { works: [...works.filter((work) => !mayCarry(work)), ...all], carryOver };
}

/** Periods that have not begun are measured when they do, and closed ones change nothing any more. */
const mayCarry = ({ rule, phase }: PeriodWork): boolean =>
  rule.rollover !== 'none' && (phase === 'current' || phase === 'past');

/** `own`: the works of one rule. `kept`: the rows of its periods around them. */
function concerned(own: readonly PeriodWork[], kept: readonly Kept[], now: Temporal.Instant): PeriodWork[] {
  const rows = new Set(kept.map(({ period }) => period.start));
  const works = new Map(own.map((work) => [work.period.start, work]));
  for (const work of own) {
    for (const period of work.phase === 'current' ? unmeasuredBefore(work, rows) : [])
      if (!works.has(period.start))
        works.set(period.start, measureWork(work.rule, period, work.person, 'spending', now));
    for (const period of work.phase === 'past' ? measuredAfter(work, rows) : [])
      if (!works.has(period.start)) works.set(period.start, carriedWork(work, period, now));
  }
  return [...works.values()].toSorted((one, other) => (one.period.start < other.period.start ? -1 : 1));
}

/**
 * The periods before one that begins, back to the last that was measured. That one is among them, so that its guards are
 * dropped: what is spent late in it changes the budget from now on.
 */
function unmeasuredBefore({ rule, period }: PeriodWork, rows: ReadonlySet<string>): Period[] {
  const before: Period[] = [];
  let at: Period | null = period;
  while (at && !rows.has(at.start) && !isFirst(rule, at) && before.length < mostUnmeasured) {
    at = periodBefore(rule, at);
    if (at) before.push(at);
  }
  return before;
}

/** A rule that no process has evaluated for longer carries nothing from before that. */
const mostUnmeasured = 100;

/** The periods after one, up to the one that runs. */
function measuredAfter({ rule, period }: PeriodWork, rows: ReadonlySet<string>): Period[] {
  const after: Period[] = [];
  for (let at = periodAfter(rule, period); at && rows.has(at.start); at = periodAfter(rule, at))
    after.push(at);
  return after;
}

/** The budget of the period changes, and its spending does not. */
const carriedWork = ({ rule, person }: PeriodWork, period: Period, now: Temporal.Instant): PeriodWork => ({
  ...measureWork(rule, period, person, 'edit', now),
  steps: [{ deltaMinor: 0n, expenseId: null }],
});

/** The rows of each rule from the last period before its works on, by rule id. Rides on the primary key of `rule_spend`. */
async function readKept(
  sql: Sql,
  worksOfRules: readonly (readonly PeriodWork[])[],
): Promise<Map<string, Kept[]>> {
  const firsts = worksOfRules.flatMap((works) => {
    const [first] = works.toSorted((one, other) => (one.period.start < other.period.start ? -1 : 1));
    return first ? [first] : [];
  });
  const { rows } = await statement<{
    rule_id: string;
    period_start: string;
    period_end: string;
    spent_minor: string;
    left_before: string | null;
  }>`
    select k.rule_id, k.period_start, k.period_end, k.spent_minor, k.left_before
    from unnest(
      ${firsts.map(({ rule }) => rule.tenantId)}::uuid[],
      ${firsts.map(({ rule }) => rule.id)}::uuid[],
      ${firsts.map(({ period }) => period.start)}::date[]
    ) as asked (tenant_id, rule_id, first_start)
    join rule_spend k using (tenant_id, rule_id)
    where k.period_start >= coalesce((
      select b.period_start
      from rule_spend b
      where b.tenant_id = asked.tenant_id and b.rule_id = asked.rule_id and b.period_start < asked.first_start
      order by b.period_start desc
      limit 1
    ), asked.first_start)`.execute(sql);
  return Map.groupBy(
    rows.map((row) => ({
      ruleId: row.rule_id,
      period: { start: row.period_start, end: row.period_end },
      spentMinor: BigInt(row.spent_minor),
      leftBeforeMinor: row.left_before === null ? null : BigInt(row.left_before),
    })),
    ({ ruleId }) => ruleId,
  );
}

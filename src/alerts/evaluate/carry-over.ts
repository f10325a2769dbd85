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
import { columnOf } from '../../runtime/database/column-of.ts';
import { measureWork, type PeriodWork } from './measure-work.ts';

/** `hasGuards`: spending may be added to it without an evaluation. */
type Kept = { period: Period; spentMinor: bigint; leftBeforeMinor: bigint | null; hasGuards: boolean };

/** A period as it is stored; `spentMinor` null: it is not. */
type Stored = { spentMinor: bigint | null; leftBeforeMinor: bigint | null };

/** Knows what was left of each period, by the rows that are kept and then by what is evaluated. */
export class CarryOver {
  readonly #left = new Map<string, bigint>();

  /** `rule`: with the budget of the period. */
  note(rule: Rule, period: Period, spentMinor: bigint): void {
    this.#left.set(keyOf(rule, period), rule.budgetMinor - spentMinor);
  }

  /** What was left of the period before, for a period that is stored or that begins. Null if nothing is carried into it. */
  leftBefore(work: PeriodWork, stored: Stored, now: Temporal.Instant): bigint | null {
    const { rule, period } = work;
    const { leftBeforeMinor: left } = stored;
    if (rule.rollover === 'none' || isFirst(rule, period)) return null;
    const before = periodBefore(rule, period);
    if (!before) return null;
    return isFixed(work, before, stored, now) ? left : (this.#left.get(keyOf(rule, before)) ?? left);
  }
}

/** What a closed period never carried, it does not carry later. */
function isFixed(
  { rule, phase, person }: PeriodWork,
  before: Period,
  { spentMinor, leftBeforeMinor }: Stored,
  now: Temporal.Instant,
): boolean {
  if (phaseOf(rule.period, before, person.timeZone, now) !== 'closed') return false;
  return leftBeforeMinor !== null || (phase === 'closed' && spentMinor !== null);
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
  const kept = await readKept(sql, [...rolling.values()].flat());
  const all = [...rolling].flatMap(([ruleId, own]) => {
    const rows = kept.get(ruleId) ?? [];
    for (const { rule } of own.slice(0, 1))
      for (const { period, spentMinor, leftBeforeMinor } of rows)
        carryOver.note(inPeriod(rule, leftBeforeMinor), period, spentMinor);
    return concerned(own, rows, now);
  });
  return { works: [...works.filter((work) => !mayCarry(work)), ...all], carryOver };
}

/** Periods that have not begun are measured when they do. */
const mayCarry = ({ rule, phase }: PeriodWork): boolean => rule.rollover !== 'none' && phase !== 'future';

/** `own`: the works of one rule. `kept`: the rows of its periods around them. */
function concerned(own: readonly PeriodWork[], kept: readonly Kept[], now: Temporal.Instant): PeriodWork[] {
  const rows = new Map(kept.map((row) => [row.period.start, row]));
  const works = new Map(own.map((work) => [work.period.start, work]));
  const add = (work: PeriodWork) => {
    if (!works.has(work.period.start)) works.set(work.period.start, work);
  };
  for (const work of own) {
    for (const period of unmeasuredBefore(work, rows))
      add(measureWork(work.rule, period, work.person, 'spending', now));
    for (const period of guardedBefore(work, rows, now)) add(carriedWork(work, period, now));
    for (const period of work.phase === 'past' ? measuredAfter(work, rows) : [])
      add(carriedWork(work, period, now));
  }
  return [...works.values()].toSorted((one, other) => (one.period.start < other.period.start ? -1 : 1));
}

type Rows = ReadonlyMap<string, Kept>;

/**
 * The periods before one that begins, back to the last that was measured. That one is among them, so that its guards are
 * dropped: what is spent late in it changes the budget from now on.
 */
function unmeasuredBefore(work: PeriodWork, rows: Rows): Period[] {
  const before: Period[] = [];
  let at: Period | null = begins(work, rows) ? work.period : null;
  while (at && !isFirst(work.rule, at) && before.length < mostUnmeasured) {
    at = periodBefore(work.rule, at);
    if (at) before.push(at);
    if (at && rows.has(at.start)) break;
  }
  return before;
}

/**
 * True for a period without a row, and for one whose row was written before it began. A closed one, and one with a row, carry
 * nothing unless an earlier period was measured.
 */
function begins({ period, phase }: PeriodWork, rows: Rows): boolean {
  const row = rows.get(period.start);
  if (row && (phase === 'closed' || row.leftBeforeMinor !== null)) return false;
  if (!row && phase !== 'closed') return true;
  return [...rows.keys()].some((start) => start < period.start);
}

/** The period before a current one that was measured early, if what is spent late in that one would go unnoticed. */
function guardedBefore(
  { rule, period, phase, person }: PeriodWork,
  rows: Rows,
  now: Temporal.Instant,
): Period[] {
  const before = phase === 'current' && !isFirst(rule, period) ? periodBefore(rule, period) : null;
  if (!before || !rows.get(before.start)?.hasGuards) return [];
  return phaseOf(rule.period, before, person.timeZone, now) === 'past' ? [before] : [];
}

/** A rule that no process has evaluated for longer carries nothing from before that. */
const mostUnmeasured = 100;

/** The periods after one, up to the one that runs. */
function measuredAfter({ rule, period }: PeriodWork, rows: Rows): Period[] {
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

/**
 * The rows of the rules from the last period before each work on, by rule id. Of a closed period none after it are read. Rides
 * on the primary key of `rule_spend`.
 */
async function readKept(sql: Sql, works: readonly PeriodWork[]): Promise<Map<string, Kept[]>> {
  const column = columnOf(works);
  const { rows } = await statement<{
    rule_id: string;
    period_start: string;
    period_end: string;
    spent_minor: string;
    left_before: string | null;
    has_guards: boolean;
  }>`
    select distinct k.rule_id, k.period_start, k.period_end, k.spent_minor, k.left_before,
      k.guard_low is not null as has_guards
    from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ phase, period }) => (phase === 'closed' ? period.start : 'infinity'))}::date[]
    ) as asked (tenant_id, rule_id, first_start, last_start)
    join rule_spend k using (tenant_id, rule_id)
    where k.period_start <= asked.last_start and k.period_start >= coalesce((
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
      hasGuards: row.has_guards,
    })),
    ({ ruleId }) => ruleId,
  );
}

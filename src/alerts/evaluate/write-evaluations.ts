/** Writes the results of evaluations: sums, level states, decisions and notifications. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { ChangedState, Evaluation, Opening } from '../decide/evaluation.ts';
import { budgetPeriodKind, type Period, type PeriodPhase } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import { allOf } from '../../runtime/database/all-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Person } from '../../accounts/people.ts';
import type { AlertFacts, TippingExpense } from '../decide/alert-facts.ts';
import type { NotificationRef, ProfileRef } from '../../values/refs.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import { type ChangedExpenses, findTippingExpense, nameCategories } from './find-tipping-expense.ts';
import { insertDecisions, insertNotifications, type MadeAlert, type NewDecision } from './write-alerts.ts';

/**
 * `rule`: with the budget of the period, of which `carriedMinor` is carried over. `leftBeforeMinor`: of the period before,
 * where the rule carries it over.
 */
export type EvaluatedPeriod = {
  rule: Rule;
  leftBeforeMinor: bigint | null;
  carriedMinor: bigint;
  period: Period;
  phase: PeriodPhase;
  person: Person;
  evaluation: Evaluation;
  /** Absent where no events caused it. */
  expenses?: ChangedExpenses;
};

/** Notifications for the caller to enqueue after the commit, and outcomes to count. */
export type Evaluated = {
  notifications: NotificationRef[];
  outcomes: string[];
  /** Stale profiles to enqueue as well. */
  profiles?: ProfileRef[];
};

/** The caller has locked each rule's person, so the rows of a rule are written in one order. */
export async function writeEvaluations(
  sql: Sql,
  evaluated: readonly EvaluatedPeriod[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  const notifications = await nameCategories(sql, evaluated.flatMap(notificationsOf));
  const decisions = evaluated.flatMap((item) => decisionsOf(item, notifications));
  await allOf([writeSpend(sql, evaluated), writeAlerts(sql, { evaluated, notifications, decisions }, now)]);
  return {
    notifications: notifications.map(({ id, rule }) => ({ tenantId: rule.tenantId, notificationId: id })),
    outcomes: decisions.map(({ decision }) => decision.outcome),
  };
}

async function writeSpend(sql: Sql, evaluated: readonly EvaluatedPeriod[]): Promise<void> {
  if (evaluated.length === 0) return;
  const column = columnOf(evaluated);
  await statement`
    insert into rule_spend (tenant_id, rule_id, period_start, period_end, spent_minor, guard_low, guard_high, left_before)
    select * from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ period }) => period.end)}::date[],
      ${column(({ evaluation }) => evaluation.spentMinor.toString())}::numeric[],
      ${column(({ evaluation: { guards } }) => guards && (guards.low?.toString() ?? '-Infinity'))}::numeric[],
      ${column(({ evaluation: { guards } }) => guards && (guards.high?.toString() ?? 'Infinity'))}::numeric[],
      ${column(({ leftBeforeMinor }) => leftBeforeMinor?.toString() ?? null)}::numeric[]
    )
    on conflict (tenant_id, rule_id, period_start, period_end) do update
    set spent_minor = excluded.spent_minor, guard_low = excluded.guard_low, guard_high = excluded.guard_high,
      left_before = excluded.left_before`.execute(sql);
}

type NewAlert = EvaluatedPeriod & {
  id: string;
  type: AlertFacts['type'];
  opening: Opening;
  tippedBy: TippingExpense | null;
};

function notificationsOf(item: EvaluatedPeriod): NewAlert[] {
  const { alert, recovery } = item.evaluation;
  const made = (type: AlertFacts['type'], opening: Opening, tippedBy: TippingExpense | null): NewAlert => ({
    ...item,
    id: randomUUIDv7(),
    type,
    opening,
    tippedBy,
  });
  return [
    ...(alert ? [made('budget_alert', alert, findTippingExpense(item))] : []),
    ...(recovery ? [made('recovery', recovery, null)] : []),
  ];
}

const factsOf = ({ rule, carriedMinor, period, phase, type, opening, tippedBy }: NewAlert): AlertFacts => ({
  type,
  ruleId: rule.id,
  ruleName: rule.name,
  periodKind: budgetPeriodKind(rule.period),
  period,
  phase: phase === 'current' ? 'current' : 'past',
  level: opening.level,
  severity: opening.severity,
  spentMinor: opening.spentMinor.toString(),
  budgetMinor: rule.budgetMinor.toString(),
  currency: rule.currency,
  channels: rule.channels,
  ...(carriedMinor !== 0n && { carriedMinor: carriedMinor.toString() }),
  ...(tippedBy && { tippedBy }),
});

/** Pairs each decision with the id of the notification that it made. */
const decisionsOf = (
  { rule, period, evaluation }: EvaluatedPeriod,
  notifications: readonly NewAlert[],
): NewDecision[] =>
  evaluation.decisions.map((decision) => {
    const type = decision.notifies === 'alert' ? 'budget_alert' : decision.notifies;
    const made = notifications.find((each) => each.evaluation === evaluation && each.type === type);
    return { rule, period, basis: null, decision, notificationId: made?.id ?? null };
  });

const toMade = (alert: NewAlert): MadeAlert => {
  const { id, rule, person, opening } = alert;
  return { id, rule, person, facts: factsOf(alert), silenced: opening.silenced };
};

type NewRows = {
  evaluated: readonly EvaluatedPeriod[];
  notifications: readonly NewAlert[];
  decisions: readonly NewDecision[];
};

/** Writes level states, notifications and decisions in one statement, which saves two round trips. */
async function writeAlerts(sql: Sql, rows: NewRows, now: Temporal.Instant): Promise<void> {
  const haveStates = rows.evaluated.some(({ evaluation: { states } }) => states.length > 0);
  if (!haveStates && rows.decisions.length === 0) return;
  await statement`
    with level_states as (${insertStates(rows, now)}),
      notifications as (${insertNotifications(rows.notifications.map(toMade), now)})
    ${insertDecisions(rows.decisions, now)}`.execute(sql);
}

/**
 * The time at which a level was heard is not written here: a delivery may record it at the same moment. A closed level
 * keeps the alert of its last opening, which may still be on its way.
 */
function insertStates({ evaluated, notifications }: NewRows, now: Temporal.Instant) {
  const rows = evaluated.flatMap(({ rule, period, evaluation }) =>
    evaluation.states.map((state) => ({
      rule,
      period,
      state,
      alert: alertOf(evaluation, state, notifications),
    })),
  );
  return statement`
    insert into alert_states as s (tenant_id, rule_id, period_start, period_end, level, is_open, renotify_at,
      notification_id, is_heard, changed_at)
    select *, ${now.toString()}::timestamptz from unnest(
      ${rows.map(({ rule }) => rule.tenantId)}::uuid[],
      ${rows.map(({ rule }) => rule.id)}::uuid[],
      ${rows.map(({ period }) => period.start)}::date[],
      ${rows.map(({ period }) => period.end)}::date[],
      ${rows.map(({ state }) => state.level)}::int[],
      ${rows.map(({ state }) => state.isOpen)}::boolean[],
      ${rows.map(({ state }) => state.renotifyAt?.toString() ?? null)}::timestamptz[],
      ${rows.map(({ alert }) => alert?.id ?? null)}::uuid[],
      ${rows.map(({ state }) => (state.isOpen ? false : null))}::boolean[]
    )
    on conflict (tenant_id, rule_id, period_start, period_end, level) do update
    set is_open = excluded.is_open, renotify_at = excluded.renotify_at, changed_at = excluded.changed_at,
      notification_id = case when excluded.is_open then excluded.notification_id else s.notification_id end,
      is_heard = excluded.is_heard`;
}

/** The alert that a level's opening made, if it made one. */
const alertOf = (
  evaluation: Evaluation,
  { level, isOpen }: ChangedState,
  notifications: readonly NewAlert[],
): NewAlert | undefined =>
  isOpen
    ? notifications.find(
        (each) =>
          each.evaluation === evaluation && each.type === 'budget_alert' && each.opening.level === level,
      )
    : undefined;

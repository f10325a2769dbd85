/** Writes what evaluations came to: sums, level states, notifications and decisions, a statement each. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Decision, Evaluation, LevelState, Opening } from '../decide/alert.ts';
import { localDay, type Period, type PeriodPhase } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import { sentenceOf, titleOf } from '../messages/alert-message.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Person } from '../../accounts/lock-people.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';
import type { ProfileRef } from '../../values/refs.ts';

export type EvaluatedPeriod = {
  rule: Rule;
  period: Period;
  phase: PeriodPhase;
  person: Person;
  evaluation: Evaluation;
};

/** What follows for the caller: notifications to ring for once committed, and outcomes to count. */
export type Evaluated = {
  notifications: { tenantId: string; notificationId: string }[];
  outcomes: string[];
  /** People's profiles that no longer hold, to ring for too. */
  profiles?: ProfileRef[];
};

type NotificationRow = {
  id: string;
  settled: EvaluatedPeriod;
  type: 'budget_alert' | 'recovery';
  told: Opening;
};

/** A rule's person is locked by the caller, so rows of one rule are written in one order. */
export async function writeEvaluations(
  sql: Sql,
  settled: readonly EvaluatedPeriod[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  const notifications = settled.flatMap(notificationsOf);
  await writeSpend(sql, settled);
  await writeStates(sql, settled, now);
  await writeNotifications(sql, notifications, now);
  await writeDecisions(sql, settled, notifications, now);
  return {
    notifications: notifications.map(({ id, settled: { rule } }) => ({
      tenantId: rule.tenantId,
      notificationId: id,
    })),
    outcomes: settled.flatMap(({ evaluation }) => evaluation.decisions.map(({ outcome }) => outcome)),
  };
}

function notificationsOf(settled: EvaluatedPeriod): NotificationRow[] {
  const { alert, recovery } = settled.evaluation;
  return [
    ...(alert ? [{ id: randomUUIDv7(), settled, type: 'budget_alert' as const, told: alert }] : []),
    ...(recovery ? [{ id: randomUUIDv7(), settled, type: 'recovery' as const, told: recovery }] : []),
  ];
}

async function writeSpend(sql: Sql, settled: readonly EvaluatedPeriod[]): Promise<void> {
  if (settled.length === 0) return;
  const column = <T>(read: (item: EvaluatedPeriod) => T): T[] => settled.map(read);
  await statement`
    insert into rule_spend (tenant_id, rule_id, period_start, period_end, spent_minor)
    select * from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ period }) => period.end)}::date[],
      ${column(({ evaluation }) => evaluation.spentMinor.toString())}::numeric[]
    )
    on conflict (tenant_id, rule_id, period_start, period_end) do update
    set spent_minor = excluded.spent_minor`.execute(sql);
}

async function writeStates(
  sql: Sql,
  settled: readonly EvaluatedPeriod[],
  now: Temporal.Instant,
): Promise<void> {
  const rows = settled.flatMap((item) => item.evaluation.states.map((state) => ({ ...item, state })));
  if (rows.length === 0) return;
  const column = <T>(read: (row: EvaluatedPeriod & { state: LevelState }) => T): T[] => rows.map(read);
  await statement`
    insert into alert_states (tenant_id, rule_id, period_start, period_end, level, is_open, notified_at,
      renotify_at, changed_at)
    select *, ${now.toString()}::timestamptz from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ period }) => period.end)}::date[],
      ${column(({ state }) => state.level)}::int[],
      ${column(({ state }) => state.isOpen)}::boolean[],
      ${column(({ state }) => state.notifiedAt?.toString() ?? null)}::timestamptz[],
      ${column(({ state }) => state.renotifyAt?.toString() ?? null)}::timestamptz[]
    )
    on conflict (tenant_id, rule_id, period_start, period_end, level) do update
    set is_open = excluded.is_open, notified_at = excluded.notified_at,
      renotify_at = excluded.renotify_at, changed_at = excluded.changed_at`.execute(sql);
}

async function writeNotifications(
  sql: Sql,
  rows: readonly NotificationRow[],
  now: Temporal.Instant,
): Promise<void> {
  if (rows.length === 0) return;
  const facts = rows.map(factsOf);
  const messages = rows.map((row) => {
    const { locale, timeZone } = row.settled.person;
    const reader = { locale, today: localDay(now, timeZone) };
    return { title: titleOf(factsOf(row), reader), text: sentenceOf(factsOf(row), reader) };
  });
  const column = <T>(read: (row: NotificationRow) => T): T[] => rows.map(read);
  await statement`
    insert into notification_history (tenant_id, id, user_id, type, severity, title, message, rule_id,
      level, period_start, period_end, told, reason, is_silent, status, created_at)
    select *, reason is not null, 'pending', ${now.toString()}::timestamptz from unnest(
      ${column(({ settled }) => settled.rule.tenantId)}::uuid[],
      ${column(({ id }) => id)}::uuid[],
      ${column(({ settled }) => settled.rule.userId)}::text[],
      ${column(({ type }) => type)}::text[],
      ${column(({ told }) => told.severity)}::text[],
      ${messages.map(({ title }) => title)}::text[],
      ${messages.map(({ text }) => text)}::text[],
      ${column(({ settled }) => settled.rule.id)}::uuid[],
      ${column(({ told }) => told.level)}::int[],
      ${column(({ settled }) => settled.period.start)}::date[],
      ${column(({ settled }) => settled.period.end)}::date[],
      ${facts.map((each) => JSON.stringify(each))}::jsonb[],
      ${column(({ told }) => told.silenced)}::text[]
    ) as made (tenant_id, id, user_id, type, severity, title, message, rule_id, level, period_start, period_end,
      told, reason)`.execute(sql);
}

function factsOf({ settled, type, told }: NotificationRow): AlertFacts {
  const { rule, period, phase } = settled;
  return {
    type,
    ruleId: rule.id,
    ruleName: rule.name,
    periodKind: rule.period,
    period,
    phase: phase === 'current' ? 'current' : 'past',
    level: told.level,
    severity: told.severity,
    spentMinor: told.spentMinor.toString(),
    budgetMinor: rule.budgetMinor.toString(),
    currency: rule.currency,
    channels: rule.channels,
  };
}

type DecisionRow = { rule: Rule; period: Period; decision: Decision; notificationId: string | null };

async function writeDecisions(
  sql: Sql,
  settled: readonly EvaluatedPeriod[],
  notifications: readonly NotificationRow[],
  now: Temporal.Instant,
): Promise<void> {
  const rows = settled.flatMap((item) =>
    item.evaluation.decisions.map((decision) => ({
      rule: item.rule,
      period: item.period,
      decision,
      notificationId: madeBy(decision, item, notifications),
    })),
  );
  await insertDecisions(sql, rows, now);
}

function madeBy(
  { notifies }: Decision,
  settled: EvaluatedPeriod,
  notifications: readonly NotificationRow[],
): string | null {
  const type = notifies === 'alert' ? 'budget_alert' : notifies;
  return notifications.find((row) => row.settled === settled && row.type === type)?.id ?? null;
}

/** Rows keep the order given: their numbers rise with it. */
async function insertDecisions(sql: Sql, rows: readonly DecisionRow[], now: Temporal.Instant): Promise<void> {
  if (rows.length === 0) return;
  const column = <T>(read: (row: DecisionRow) => T): T[] => rows.map(read);
  await statement`
    insert into alert_decisions (tenant_id, rule_id, at, level, outcome, period_start, spent_minor,
      budget_minor, currency, expense_id, notification_id, until)
    select tenant_id, rule_id, ${now.toString()}::timestamptz, level, outcome, period_start, spent_minor,
      budget_minor, currency, expense_id, notification_id, until
    from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ decision }) => decision.level)}::int[],
      ${column(({ decision }) => decision.outcome)}::text[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ decision }) => decision.spentMinor.toString())}::numeric[],
      ${column(({ rule }) => rule.budgetMinor.toString())}::bigint[],
      ${column(({ rule }) => rule.currency)}::text[],
      ${column(({ decision }) => decision.expenseId)}::text[],
      ${column(({ notificationId }) => notificationId)}::uuid[],
      ${column(({ decision }) => decision.until?.toString() ?? null)}::timestamptz[]
    ) with ordinality as given (tenant_id, rule_id, level, outcome, period_start, spent_minor, budget_minor,
      currency, expense_id, notification_id, until, position)
    order by position`.execute(sql);
}

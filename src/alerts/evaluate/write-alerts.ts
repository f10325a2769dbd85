/** Builds the parts of statements that write notifications about levels, and decisions. */
import { sql as statement } from 'kysely';
import type { Person } from '../../accounts/people.ts';
import { localDay, type Period } from '../../values/period.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';
import type { Decision } from '../decide/evaluation.ts';
import type { Rule } from '../decide/rule.ts';
import { alertPhrases, wholeMessage } from '../messages/alert-message.ts';

/** `silenced`: the reason why it stays in the app alone for good. */
export type MadeAlert = {
  id: string;
  rule: Rule;
  person: Person;
  facts: AlertFacts;
  silenced: 'muted' | 'on_pace' | null;
};

export function insertNotifications(alerts: readonly MadeAlert[], now: Temporal.Instant) {
  const rows = alerts.map((alert) => {
    const { locale, timeZone } = alert.person;
    const reader = { locale, today: localDay(now, timeZone) };
    const phrases = alertPhrases(alert.facts, reader);
    return { ...alert, title: phrases.title, text: wholeMessage(phrases, reader) };
  });
  return statement`
    insert into notification_history (tenant_id, id, user_id, type, severity, title, message, rule_id,
      level, period_start, period_end, told, reason, is_silent, status, created_at, evaluation)
    select *, reason is not null, 'pending', ${now.toString()}::timestamptz, pg_current_xact_id()::text::bigint
    from unnest(
      ${rows.map(({ rule }) => rule.tenantId)}::uuid[],
      ${rows.map(({ id }) => id)}::uuid[],
      ${rows.map(({ rule }) => rule.userId)}::text[],
      ${rows.map(({ facts }) => facts.type)}::text[],
      ${rows.map(({ facts }) => facts.severity)}::text[],
      ${rows.map(({ title }) => title)}::text[],
      ${rows.map(({ text }) => text)}::text[],
      ${rows.map(({ rule }) => rule.id)}::uuid[],
      ${rows.map(({ facts }) => facts.level)}::int[],
      ${rows.map(({ facts }) => facts.period.start)}::date[],
      ${rows.map(({ facts }) => facts.period.end)}::date[],
      ${rows.map(({ facts }) => JSON.stringify(facts))}::jsonb[],
      ${rows.map(({ silenced }) => silenced)}::text[]
    ) as made (tenant_id, id, user_id, type, severity, title, message, rule_id, level, period_start,
      period_end, told, reason)`;
}

/** `basis`: null for a level of actual spending. `rule`: with the budget of the period. */
export type NewDecision = {
  rule: Rule;
  period: Period;
  basis: 'forecast' | null;
  decision: Omit<Decision, 'notifies'>;
  notificationId: string | null;
};

/** Inserts in the order given, so the numbers of the decisions rise in that order. */
export const insertDecisions = (rows: readonly NewDecision[], now: Temporal.Instant) => statement`
  insert into alert_decisions (tenant_id, rule_id, at, level, basis, outcome, period_start, spent_minor,
    budget_minor, currency, expense_id, notification_id, until)
  select tenant_id, rule_id, ${now.toString()}::timestamptz, level, basis, outcome, period_start, spent_minor,
    budget_minor, currency, expense_id, notification_id, until
  from unnest(
    ${rows.map(({ rule }) => rule.tenantId)}::uuid[],
    ${rows.map(({ rule }) => rule.id)}::uuid[],
    ${rows.map(({ decision }) => decision.level)}::int[],
    ${rows.map(({ basis }) => basis)}::text[],
    ${rows.map(({ decision }) => decision.outcome)}::text[],
    ${rows.map(({ period }) => period.start)}::date[],
    ${rows.map(({ decision }) => decision.spentMinor.toString())}::numeric[],
    ${rows.map(({ rule }) => rule.budgetMinor.toString())}::bigint[],
    ${rows.map(({ rule }) => rule.currency)}::text[],
    ${rows.map(({ decision }) => decision.expenseId)}::text[],
    ${rows.map(({ notificationId }) => notificationId)}::uuid[],
    ${rows.map(({ decision }) => decision.until?.toString() ?? null)}::timestamptz[]
  ) with ordinality as given (tenant_id, rule_id, level, basis, outcome, period_start, spent_minor, budget_minor,
    currency, expense_id, notification_id, until, position)
  order by position`;

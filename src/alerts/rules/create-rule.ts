/** Creates a rule and evaluates it at once against the spending of its current period. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Rule } from '../decide/rule.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { lockPerson } from '../../accounts/people.ts';
import { lockRatesShared } from '../spending/lock-rates.ts';
import { currentPeriodWork } from '../evaluate/measure-work.ts';
import { markStaleProfiles } from '../evaluate/mark-stale-profiles.ts';
import { assertRoomForRule } from './active-rules-limit.ts';
import { nextPeriodAt } from './write-next-periods.ts';
import { periodColumns } from './stored-period.ts';
import { assertAhead } from './period-over.ts';
import { evaluateRulePeriods } from '../evaluate/evaluate-rule-periods.ts';
import type { Evaluated } from '../evaluate/write-evaluations.ts';
import type { PersonRef } from '../../values/refs.ts';
import { localDay, periodToShow } from '../../values/period.ts';

export type RuleDraft = Omit<Rule, 'tenantId' | 'id' | 'userId' | 'carriesFrom'>;

/**
 * The person must be registered. Everybody with a token is. Their figures are rebuilt, as the rule needs a forecast. Throws `TooManyRules` and
 * `PeriodOver`.
 */
export async function createRule(
  db: Database,
  owner: PersonRef,
  draft: RuleDraft,
  now: Temporal.Instant,
): Promise<{ ruleId: string } & Evaluated> {
  return db.transaction([owner.tenantId], async (sql) => {
    await lockRatesShared(sql, [owner.tenantId]);
    const person = await lockPerson(sql, owner);
    if (draft.isActive) assertAhead(draft.period, person.timeZone, now);
    if (draft.isActive) await assertRoomForRule(sql, owner);
    const carriesFrom = firstPeriodFrom(draft, person.timeZone, now);
    const rule: Rule = { ...draft, ...owner, id: randomUUIDv7(), carriesFrom };
    await insertRule(sql, rule, nextPeriodAt(rule, person.timeZone, now), now);
    const works = rule.isActive ? currentPeriodWork(rule, person, 'spending', now) : [];
    const evaluated = await evaluateRulePeriods(sql, works, now);
    const profiles =
      rule.isActive && (await hasSpent(sql, owner)) ? await markStaleProfiles(sql, [owner], now) : [];
    return { ruleId: rule.id, ...evaluated, profiles };
  });
}

/** Somebody without expenses has no figures to rebuild. Rides on the primary key of `daily_spend`. */
async function hasSpent(sql: Sql, { tenantId, userId }: PersonRef): Promise<boolean> {
  const { rows } = await statement<{ has_spent: boolean }>`
    select exists (
      select from daily_spend where tenant_id = ${tenantId} and user_id = ${userId} and expense_count <> 0
    ) as has_spent`.execute(sql);
  return rows[0]?.has_spent ?? false;
}

async function insertRule(
  sql: Sql,
  rule: Rule,
  nextPeriod: Temporal.Instant,
  now: Temporal.Instant,
): Promise<void> {
  await sql
    .insertInto('smart_alert_rules')
    .values({
      tenant_id: rule.tenantId,
      id: rule.id,
      user_id: rule.userId,
      next_period_at: nextPeriod.toString(),
      carries_from: rule.carriesFrom,
      created_at: now.toString(),
      updated_at: now.toString(),
      ...ruleColumns(rule),
    })
    .execute();
}

/** The first day of the period in which a rule begins. */
export const firstPeriodFrom = (
  rule: Pick<Rule, 'period'>,
  timeZone: string,
  now: Temporal.Instant,
): string => periodToShow(rule.period, localDay(now, timeZone)).start;

/** Sends a value as JSON. The driver would send an array as a PostgreSQL array. */
const json = <T>(value: T) => statement<T>`${JSON.stringify(value)}::jsonb`;

/** An array of PostgreSQL; null for an empty list. */
const texts = (values: readonly string[] | null): string[] | null =>
  values && values.length > 0 ? [...values] : null;

/** The columns that a person may set. */
export const ruleColumns = (rule: RuleDraft) => ({
  name: rule.name,
  category_id: rule.categoryId,
  category_ids: texts(rule.categoryIds),
  exclude_categories: texts(rule.excludeCategories),
  exclude_merchants: texts(rule.excludeMerchants),
  budget_minor: rule.budgetMinor.toString(),
  currency: rule.currency,
  ...periodColumns(rule.period),
  rollover: rule.rollover,
  thresholds: json(rule.thresholds),
  forecast_thresholds: rule.forecastThresholds.length > 0 ? json([...rule.forecastThresholds]) : null,
  every_level: rule.everyLevel,
  channels: json(rule.channels),
  quiet_hours: rule.quietHours && json(rule.quietHours),
  max_notifications_per_day: rule.maxNotificationsPerDay,
  cooldown_minutes: rule.cooldownMinutes,
  notifications_enabled: rule.notificationsEnabled,
  notify_on_recovery: rule.notifyOnRecovery,
  is_active: rule.isActive,
  snooze_until: rule.snoozeUntil?.toString() ?? null,
});

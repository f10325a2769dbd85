/**
 * Changes a rule and its alerts. A new budget or other levels open and resolve only the levels they affect. Another
 * scope closes the open levels and measures spending anew. Switching off cancels waiting notifications. Forecast levels are
 * judged when the person's figures are rebuilt.
 */
import { sql as statement } from 'kysely';
import type { Rule } from '../alerts/decide/rule.ts';
import { isSameScope } from '../alerts/decide/scope.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { markStaleProfiles } from '../alerts/evaluate/mark-stale-profiles.ts';
import { closeAlerts } from '../alerts/evaluate/close-alerts.ts';
import { assertRoomForRule } from '../alerts/rules/active-rules-limit.ts';
import { firstPeriodFrom, ruleColumns, type RuleDraft } from '../alerts/rules/create-rule.ts';
import { lockPerson, type Person } from '../accounts/people.ts';
import { lockRatesShared } from '../alerts/spending/lock-rates.ts';
import { currentPeriodWork, measureWork, type PeriodWork } from '../alerts/evaluate/measure-work.ts';
import { nextPeriodAt } from '../alerts/rules/write-next-periods.ts';
import { readMeasuredPeriods } from '../alerts/rules/read-measured-periods.ts';
import { ruleFields, type RuleRow, toRule } from '../alerts/rules/read-active-rules.ts';
import { rescheduleWaiting } from '../notify/reschedule-waiting.ts';
import { evaluateRulePeriods } from '../alerts/evaluate/evaluate-rule-periods.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import { switchOff } from '../alerts/rules/switch-off.ts';
import { assertAhead } from '../alerts/rules/period-over.ts';
import { isSamePeriod } from '../values/period.ts';
import type { PersonRef } from '../values/refs.ts';

/** Null if the person has no such rule. Throws `TooManyRules` and `PeriodOver` where it would become active. */
export async function changeRule(
  db: Database,
  owner: PersonRef,
  ruleId: string,
  changes: Partial<RuleDraft>,
  now: Temporal.Instant,
): Promise<Evaluated | null> {
  return db.transaction([owner.tenantId], async (sql) => {
    await lockRatesShared(sql, [owner.tenantId]);
    const person = await lockPerson(sql, owner);
    const before = await readOwnRule(sql, owner, ruleId);
    if (!before) return null;
    const after = changedRule(before, changes, person, now);
    if (after.isActive && (!before.isActive || !isSamePeriod(before.period, after.period)))
      assertAhead(after.period, person.timeZone, now);
    if (after.isActive && !before.isActive) await assertRoomForRule(sql, owner);
    const closed = await leaveBehind(sql, before, after, now);

    await updateRule(sql, after, person, now);
    await rescheduleWaiting(sql, owner, person.timeZone, now);
    const works = after.isActive ? await worksOf(sql, after, person, now) : [];
    const evaluated = await evaluateRulePeriods(sql, works, now);
    const profiles = after.isActive ? await markStaleProfiles(sql, [owner], now) : [];
    return { ...evaluated, outcomes: [...closed, ...evaluated.outcomes], profiles };
  });
}

/** Ends what does not hold for the rule after the change. Returns the outcomes that it writes. */
async function leaveBehind(sql: Sql, before: Rule, after: Rule, now: Temporal.Instant): Promise<string[]> {
  const closed = hasOtherScope(before, after) ? await closeAlerts(sql, before, now) : [];
  if (hasOtherLevels(before, after)) await forgetGuards(sql, before);
  if (before.budgetMinor !== after.budgetMinor) await forgetForecastsTold(sql, before);
  if (!after.isActive) await switchOff(sql, [before]);
  return closed;
}

/** A rule with another scope, and one that is switched on again, begins anew: it carries nothing over. */
function changedRule(before: Rule, changes: Partial<RuleDraft>, person: Person, now: Temporal.Instant): Rule {
  const after = withScope({ ...before, ...changes });
  return hasOtherScope(before, after) || (after.isActive && !before.isActive)
    ? { ...after, carriesFrom: firstPeriodFrom(after, person.timeZone, now) }
    : after;
}

/** Only all spending excludes categories. A change was validated against the rule of then, which another may have changed. */
const withScope = (rule: Rule): Rule =>
  rule.categoryId === null && rule.categoryIds === null ? rule : { ...rule, excludeCategories: [] };

/** The current period, and earlier ones that may still alert. */
async function worksOf(sql: Sql, rule: Rule, person: Person, now: Temporal.Instant): Promise<PeriodWork[]> {
  const known = (await readMeasuredPeriods(sql, [rule])).get(rule.id) ?? [];
  const past = known
    .map((period) => measureWork(rule, period, person, 'edit', now))
    .filter(({ phase }) => phase === 'past');
  return [...past, ...currentPeriodWork(rule, person, 'edit', now)];
}

const hasOtherScope = (before: Rule, after: Rule): boolean =>
  !isSamePeriod(before.period, after.period) ||
  before.currency !== after.currency ||
  !isSameScope(before, after);

const hasOtherLevels = (before: Rule, after: Rule): boolean =>
  before.budgetMinor !== after.budgetMinor ||
  before.rollover !== after.rollover ||
  JSON.stringify(before.thresholds) !== JSON.stringify(after.thresholds);

/**
 * Forgets the guards of every period. Those that are not evaluated now may alert no more, or have yet to begin. Rides
 * on the primary key of `rule_spend`.
 */
async function forgetGuards(sql: Sql, rule: Rule): Promise<void> {
  await statement`
    update rule_spend set guard_low = null, guard_high = null
    where tenant_id = ${rule.tenantId} and rule_id = ${rule.id}`.execute(sql);
}

/** With another budget a forecast level may be told once more. Rides on the primary key of `forecast_states`. */
async function forgetForecastsTold(sql: Sql, rule: Rule): Promise<void> {
  await statement`
    update forecast_states set notification_id = null
    where tenant_id = ${rule.tenantId} and rule_id = ${rule.id}`.execute(sql);
}

async function readOwnRule(sql: Sql, owner: PersonRef, ruleId: string): Promise<Rule | null> {
  const { rows } = await statement<RuleRow>`
    select ${ruleFields}
    from smart_alert_rules r
    where r.tenant_id = ${owner.tenantId} and r.id = ${ruleId} and r.user_id = ${owner.userId}`.execute(sql);
  return rows[0] ? toRule(rows[0]) : null;
}

async function updateRule(sql: Sql, rule: Rule, person: Person, now: Temporal.Instant): Promise<void> {
  await sql
    .updateTable('smart_alert_rules')
    .set({
      ...ruleColumns(rule),
      next_period_at: nextPeriodAt(rule, person.timeZone, now).toString(),
      carries_from: rule.carriesFrom,
      updated_at: now.toString(),
    })
    .where('tenant_id', '=', rule.tenantId)
    .where('id', '=', rule.id)
    .execute();
}

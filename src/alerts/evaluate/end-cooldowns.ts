/** Notifies of levels that opened again within a cooldown, if they are still open when it ends. */
import { sql as statement } from 'kysely';
import { endCooldowns } from '../decide/end-cooldowns.ts';
import { type Period, phaseOf } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { isSnoozed, lockedPerson, lockPeople, type Person } from '../../accounts/people.ts';
import { lockRatesShared } from '../spending/lock-rates.ts';
import { readPeriodStates } from './read-period-states.ts';
import { readActiveRules } from '../rules/read-active-rules.ts';
import { type Evaluated, type EvaluatedPeriod, writeEvaluations } from './write-evaluations.ts';

/** Handles at most `limit` levels. A result of exactly `limit` means that there may be more. */
export async function endDueCooldowns(
  db: Database,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
): Promise<Evaluated & { levels: number }> {
  return db.transaction(tenantIds, async (sql) => {
    const found = await findDue(sql, tenantIds, limit, now);
    // Only the tenants concerned: one lock for every tenant would fill the database's lock table.
    const concerned = [...new Set(found.map(({ tenantId }) => tenantId))];
    await lockRatesShared(sql, concerned);
    const due = await findDue(sql, concerned, limit, now);
    const people = await lockPeople(sql, due);
    const rules = [...(await readActiveRules(sql, [...people.values()])).values()].flat();
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    const keys = new Map<string, { rule: Rule; period: Period }>();
    for (const { ruleId, period } of due) {
      const rule = byId.get(ruleId);
      if (rule) keys.set(`${ruleId} ${period.start} ${period.end}`, { rule, period });
    }
    const evaluated = await evaluateKeys(sql, [...keys.values()], people, now);
    return { levels: found.length, ...(await writeEvaluations(sql, evaluated, now)) };
  });
}

async function evaluateKeys(
  sql: Sql,
  keys: readonly { rule: Rule; period: Period }[],
  people: ReadonlyMap<string, Person>,
  now: Temporal.Instant,
): Promise<EvaluatedPeriod[]> {
  const periodStates = await readPeriodStates(sql, keys, () => false);
  return keys.map(({ rule, period }, index) => {
    const state = periodStates[index];
    const person = lockedPerson(people, rule);
    const phase = phaseOf(rule.period, period, person.timeZone, now);
    const spentMinor = state?.spentMinor ?? state?.measured.spentMinor ?? 0n;
    const evaluation = endCooldowns({
      rule,
      phase,
      isSnoozed: isSnoozed(rule, person, now),
      states: state?.states ?? [],
      spentMinor,
      now,
    });
    return { rule, period, phase, person, evaluation };
  });
}

/** Rides on `alert_states_renotify`. Switching a rule off clears its `renotify_at`, so every rule found is active. */
async function findDue(sql: Sql, tenantIds: readonly string[], limit: number, now: Temporal.Instant) {
  const { rows } = await statement<{
    tenant_id: string;
    rule_id: string;
    user_id: string;
    period_start: string;
    period_end: string;
  }>`
    select a.tenant_id, a.rule_id, r.user_id, a.period_start, a.period_end
    from alert_states a
    join smart_alert_rules r on r.tenant_id = a.tenant_id and r.id = a.rule_id and r.is_active
    where a.tenant_id = any(${tenantIds}::uuid[]) and a.renotify_at <= ${now.toString()}
    order by a.renotify_at limit ${limit}`.execute(sql);
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    userId: row.user_id,
    ruleId: row.rule_id,
    period: { start: row.period_start, end: row.period_end },
  }));
}

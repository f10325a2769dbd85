/** Notifies of levels that opened again within a cooldown, if they are still open when it ends. */
import { sql as statement } from 'kysely';
import { endCooldowns } from '../decide/end-cooldowns.ts';
import { inPeriod } from '../decide/rollover.ts';
import { type Period, phaseOf } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import {
  hasStalePrices,
  isAmong,
  isSnoozed,
  lockedPerson,
  lockFreePeople,
  type Person,
} from '../../accounts/people.ts';
import { isSetAside } from '../../accounts/set-aside.ts';
import { type PersonRef, tenantsOf } from '../../values/refs.ts';
import { lockRatesShared } from '../spending/lock-rates.ts';
import { readForecasts } from '../spending/read-forecasts.ts';
import { readPeriodStates } from './read-period-states.ts';
import { readActiveRules } from '../rules/read-active-rules.ts';
import { type Evaluated, type EvaluatedPeriod, writeEvaluations } from './write-evaluations.ts';

/** `levels`: whose cooldowns have ended. `busy`: left out, because another transaction holds them. */
export async function endDueCooldowns(
  db: Database,
  asked: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Evaluated & { levels: number; busy: PersonRef[] }> {
  return db.transaction(tenantsOf(asked), async (sql) => {
    await lockRatesShared(sql, tenantsOf(asked));
    const { people, busy } = await lockFreePeople(sql, asked);
    // Sums at former exchange rates decide nothing. The cooldown is ended once they are measured.
    const ready = [...people.values()].filter((person) => !person.hasStalePrices);
    const due = await findDue(sql, ready, now);
    const rules = [...(await readActiveRules(sql, ready)).values()].flat();
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    const keys = new Map<string, { rule: Rule; period: Period }>();
    for (const { ruleId, period } of due) {
      const rule = byId.get(ruleId);
      if (rule) keys.set(`${ruleId} ${period.start} ${period.end}`, { rule, period });
    }
    const evaluated = await evaluateKeys(sql, [...keys.values()], people, now);
    return { levels: due.length, busy, ...(await writeEvaluations(sql, evaluated, now)) };
  });
}

async function evaluateKeys(
  sql: Sql,
  keys: readonly { rule: Rule; period: Period }[],
  people: ReadonlyMap<string, Person>,
  now: Temporal.Instant,
): Promise<EvaluatedPeriod[]> {
  const periodStates = await readPeriodStates(sql, keys, () => false);
  const forecasts = await readForecasts(sql, keys);
  return keys.map(({ rule: own, period }, index) => {
    const state = periodStates[index];
    const leftBeforeMinor = state?.leftBeforeMinor ?? null;
    const rule = inPeriod(own, leftBeforeMinor);
    const person = lockedPerson(people, rule);
    const phase = phaseOf(rule.period, period, person.timeZone, now);
    const spentMinor = state?.spentMinor ?? state?.measured.spentMinor ?? 0n;
    const evaluation = endCooldowns({
      rule,
      phase,
      isSnoozed: isSnoozed(rule, person, now),
      states: state?.states ?? [],
      forecast: phase === 'current' ? (forecasts[index] ?? null) : null,
      spentMinor,
      now,
    });
    const carriedMinor = rule.budgetMinor - own.budgetMinor;
    return { rule, leftBeforeMinor, carriedMinor, period, phase, person, evaluation };
  });
}

/**
 * Finds at most `limit` people with a cooldown that has ended. Rides on `alert_states_renotify`. Switching a rule off
 * clears its `renotify_at`, so every rule found is active.
 */
export async function findEndedCooldowns(
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
  busy: readonly PersonRef[] = [],
): Promise<PersonRef[]> {
  const { rows } = await statement<{ tenant_id: string; user_id: string }>`
    select r.tenant_id, r.user_id
    from alert_states a
    join smart_alert_rules r on r.tenant_id = a.tenant_id and r.id = a.rule_id and r.is_active
    where a.tenant_id = any(${tenantIds}::uuid[]) and a.renotify_at <= ${now.toString()}
      and not ${isSetAside('r.tenant_id', 'r.user_id', 'end-cooldowns', now)}
      and not ${isAmong('r.tenant_id', 'r.user_id', busy)}
      and not ${hasStalePrices('r.tenant_id', 'r.user_id')}
    group by r.tenant_id, r.user_id
    order by min(a.renotify_at), r.tenant_id, r.user_id
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id }));
}

/** Rides on `smart_alert_rules_active` and the primary key of `alert_states`. */
async function findDue(sql: Sql, people: readonly PersonRef[], now: Temporal.Instant) {
  const { rows } = await statement<{ rule_id: string; period_start: string; period_end: string }>`
    select a.rule_id, a.period_start, a.period_end
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[]
    ) as asked (tenant_id, user_id)
    join smart_alert_rules r using (tenant_id, user_id)
    join alert_states a on a.tenant_id = r.tenant_id and a.rule_id = r.id
    where r.is_active and a.renotify_at <= ${now.toString()}`.execute(sql);
  return rows.map((row) => ({
    ruleId: row.rule_id,
    period: { start: row.period_start, end: row.period_end },
  }));
}

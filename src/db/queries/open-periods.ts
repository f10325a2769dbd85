/** Measures rules whose next period has begun against what is already dated in it. */
import { sql as statement } from 'kysely';
import type { Database } from '../database.ts';
import { lockedPerson, lockPeople } from './lock-people.ts';
import { holdRates } from './lock-rates.ts';
import { currentPeriodWork } from './measure-work.ts';
import { writeNextPeriods } from './write-next-periods.ts';
import { readActiveRules } from './read-watched.ts';
import { settlePeriods } from './settle-periods.ts';
import type { Evaluated } from './write-evaluations.ts';

/** At most `limit` rules; as many as that mean there may be more. Rides on `smart_alert_rules_next_period`. */
export async function openPeriods(
  db: Database,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
): Promise<Evaluated & { rules: number }> {
  return db.transaction(tenantIds, async (sql) => {
    await holdRates(sql, tenantIds);
    const { rows } = await statement<{ tenant_id: string; id: string; user_id: string }>`
      select tenant_id, id, user_id from smart_alert_rules
      where is_active and next_period_at <= ${now.toString()}
      order by next_period_at limit ${limit}`.execute(sql);
    const due = new Set(rows.map(({ id }) => id));
    const refs = rows.map(({ tenant_id, user_id }) => ({ tenantId: tenant_id, userId: user_id }));
    const people = await lockPeople(sql, refs);
    const rules = [...(await readActiveRules(sql, [...people.values()])).values()].flat();
    const works = rules
      .filter(({ id }) => due.has(id))
      .map((rule) => currentPeriodWork(rule, lockedPerson(people, rule), 'spending', now));
    await writeNextPeriods(sql, works, now);
    return { rules: rows.length, ...(await settlePeriods(sql, works, now)) };
  });
}

/** Changes a person's time zone and reassigns their expenses to local days. The caller owns the transaction. */
import { sql as statement } from 'kysely';
import { localDay } from '../values/period.ts';
import type { Sql } from '../runtime/database/database.ts';
import { lockedPerson, lockPeople, lockPerson } from '../accounts/people.ts';
import { lockRatesShared } from '../alerts/spending/lock-rates.ts';
import { markStaleProfiles } from '../alerts/evaluate/mark-stale-profiles.ts';
import { rebuildLocked } from '../alerts/spending/rebuild-spending.ts';
import { rescheduleDigest } from '../notify/reschedule-digests.ts';
import { rescheduleWaiting } from '../notify/reschedule-waiting.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { PersonRef } from '../values/refs.ts';

/**
 * `timezone` null: the tenant's. Locks the exchange rates and then the person, whose lock covers their expenses.
 * Throws if the person is not registered.
 */
export async function changeTimezone(
  sql: Sql,
  person: PersonRef,
  timezone: string | null,
  now: Temporal.Instant,
): Promise<Evaluated> {
  await lockRatesShared(sql, [person.tenantId]);
  const { timeZone: zoneBefore } = await lockPerson(sql, person);
  await sql
    .updateTable('users')
    .set({ timezone })
    .where('tenant_id', '=', person.tenantId)
    .where('id', '=', person.userId)
    .execute();
  const people = await lockPeople(sql, [person]);
  await moveDays(sql, person, lockedPerson(people, person).timeZone);
  const evaluated = await rebuildLocked(sql, people, now);
  await rescheduleWaiting(sql, person, zoneBefore, now);
  await rescheduleDigest(sql, person, zoneBefore, now);
  return { ...evaluated, profiles: await markStaleProfiles(sql, [person], now) };
}

/** Computes days here and not in SQL, so that one time zone database decides. Rides on `expenses_user_day`. */
async function moveDays(sql: Sql, person: PersonRef, timeZone: string): Promise<void> {
  const { rows } = await statement<{ id: string; spent_at: string; day: string }>`
    select id, spent_at, day from expenses
    where tenant_id = ${person.tenantId} and user_id = ${person.userId}`.execute(sql);
  const moved = rows
    .map(({ id, spent_at, day }) => ({ id, day, now: localDay(Temporal.Instant.from(spent_at), timeZone) }))
    .filter((expense) => expense.day !== expense.now);
  await statement`
    update expenses e set day = given.day
    from unnest(${moved.map(({ id }) => id)}::text[], ${moved.map(({ now }) => now)}::date[]) as given (id, day)
    where e.tenant_id = ${person.tenantId} and e.id = given.id`.execute(sql);
}

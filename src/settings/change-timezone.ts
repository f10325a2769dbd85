/** Gives a person another zone: their expenses are put into days anew. The caller owns the transaction. */
import { sql as statement } from 'kysely';
import { localDay } from '../values/period.ts';
import type { Sql } from '../runtime/database/database.ts';
import { lockedPerson, lockPeople, lockPerson } from '../accounts/lock-people.ts';
import { lockRatesShared } from '../alerts/spending/lock-rates.ts';
import { markStaleProfiles } from '../alerts/evaluate/mark-stale-profiles.ts';
import { rebuildLocked } from '../alerts/spending/rebuild-spending.ts';
import { rescheduleDigest } from '../notify/reschedule-digests.ts';
import { rescheduleWaiting } from '../notify/reschedule-waiting.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { PersonRef } from '../values/refs.ts';

/**
 * `timezone` null: the tenant's. Takes its locks in a batch's order, expenses and then the person, so the
 * caller must not hold the person yet. Throws for a person who is not registered.
 */
export async function changeTimezone(
  sql: Sql,
  person: PersonRef,
  timezone: string | null,
  now: Temporal.Instant,
): Promise<Evaluated> {
  await lockRatesShared(sql, [person.tenantId]);
  await lockExpensesOf(sql, person);
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

/**
 * In key order. An expense that comes in between this and the person's lock is found by `moveDays` and taken
 * against the order; should that meet a batch, PostgreSQL ends one of the two and it runs again. Rides on
 * `expenses_user_day`.
 */
async function lockExpensesOf(sql: Sql, { tenantId, userId }: PersonRef): Promise<void> {
  await statement`
    select count(*) from (
      select id from expenses
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by id
      for no key update
    ) held`.execute(sql);
}

/** Days are worked out here rather than in SQL, so that one table of zones decides. Rides on `expenses_user_day`. */
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

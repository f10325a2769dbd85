/** Gives a person another zone: their expenses are put into days anew, in one transaction. */
import { sql as statement } from 'kysely';
import { localDay } from '../../domain/period.ts';
import type { Database, Sql } from '../database.ts';
import { lockPeople, personKey, type PersonRef } from './lock-people.ts';
import { rebuildLocked } from './rebuild-spending.ts';
import type { Evaluated } from './write-evaluations.ts';

/**
 * `timezone` null: the tenant's. The person is locked before their expenses, against the order of a batch;
 * where the two meet, PostgreSQL ends one of them and it runs again.
 */
export async function changeTimezone(
  db: Database,
  person: PersonRef,
  timezone: string | null,
  now: Temporal.Instant,
): Promise<Evaluated> {
  return db.transaction(async (sql) => {
    await lockPeople(sql, [person]);
    await sql
      .updateTable('users')
      .set({ timezone })
      .where('tenant_id', '=', person.tenantId)
      .where('id', '=', person.userId)
      .execute();
    const people = await lockPeople(sql, [person]);
    await moveDays(sql, person, people.get(personKey(person))?.timeZone ?? 'UTC');
    return rebuildLocked(sql, people, now);
  });
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

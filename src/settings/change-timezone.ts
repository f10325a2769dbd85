/** Changes a person's time zone and reassigns their expenses to local days. The caller owns the transaction. */
import { sql as statement } from 'kysely';
import { listOffsets } from '../values/time-zone.ts';
import { columnOf } from '../runtime/database/column-of.ts';
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

/**
 * SQL gets the offsets of the zone as parameters, so that one table of time zones decides, and no expense is read into the
 * process. Rides on `expenses_user_day`.
 */
async function moveDays(sql: Sql, person: PersonRef, timeZone: string): Promise<void> {
  const ofPerson = statement`tenant_id = ${person.tenantId} and user_id = ${person.userId}`;
  const { rows } = await statement<{ first: string | null; last: string | null }>`
    select min(spent_at) as first, max(spent_at) as last from expenses where ${ofPerson}`.execute(sql);
  const [{ first, last } = { first: null, last: null }] = rows;
  if (first === null || last === null) return;
  const offsets = listOffsets(timeZone, Temporal.Instant.from(first), Temporal.Instant.from(last));
  const offset = columnOf(offsets);
  await statement`
    with offsets as materialized (
      select starts_at, lead(starts_at, 1, 'infinity') over (order by starts_at) as ends_at,
        make_interval(secs => seconds) as utc_offset
      from unnest(
        ${offset(({ from }) => from.toString())}::timestamptz[],
        ${offset(({ offsetSeconds }) => offsetSeconds)}::int[]
      ) as given (starts_at, seconds)
    )
    update expenses set day = (spent_at at time zone 'UTC' + utc_offset)::date
    from offsets
    where ${ofPerson} and spent_at >= starts_at and spent_at < ends_at
      and day <> (spent_at at time zone 'UTC' + utc_offset)::date`.execute(sql);
}

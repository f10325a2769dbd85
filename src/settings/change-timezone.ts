/**
 * Changes a person's time zone and reassigns their expenses to local days, in one transaction for a person. If they are many
 * a job does it. A crash before its commit leaves the zone noted, and the next run moves them.
 */
import { sql as statement } from 'kysely';
import { listOffsets } from '../values/time-zone.ts';
import { columnOf } from '../runtime/database/column-of.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { isSetAside } from '../accounts/set-aside.ts';
import { lockedPerson, lockPeople, lockPerson } from '../accounts/people.ts';
import { lockRatesShared } from '../alerts/spending/lock-rates.ts';
import { markStaleProfiles } from '../alerts/evaluate/mark-stale-profiles.ts';
import { rebuildLocked } from '../alerts/spending/rebuild-spending.ts';
import { rescheduleDigest } from '../notify/reschedule-digests.ts';
import { rescheduleWaiting } from '../notify/reschedule-waiting.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { PersonRef } from '../values/refs.ts';

/** The scheduled job that moves the days of many expenses. */
export const moveDaysJob = 'move-days';

/** Up to so many expenses are moved before the request is answered. */
const expensesAtOnce = 1_000;

/**
 * `timezone` null: the tenant's. Locks the exchange rates and then the person, whose lock covers their expenses. If these
 * are many, it only notes the zone: the one before holds for everything until `moveNotedDays` has moved them. Throws if the
 * person is not registered.
 */
export async function changeTimezone(
  sql: Sql,
  person: PersonRef,
  timezone: string | null,
  now: Temporal.Instant,
): Promise<Evaluated> {
  await lockRatesShared(sql, [person.tenantId]);
  const { timeZone } = await lockPerson(sql, person);
  if (!(await hasMany(sql, person))) return moveTo(sql, person, { timezone, zoneBefore: timeZone }, now);
  await writeZone(sql, person, { moving_since: now.toString(), moving_to: timezone });
  return { notifications: [], outcomes: [] };
}

/** Moves the expenses of a person to the zone that was noted for them. Does nothing if none is. */
export const moveNotedDays = (db: Database, person: PersonRef, now: Temporal.Instant): Promise<Evaluated> =>
  db.transaction([person.tenantId], async (sql) => {
    await lockRatesShared(sql, [person.tenantId]);
    const { timeZone } = await lockPerson(sql, person);
    const noted = await sql
      .selectFrom('users')
      .select('moving_to')
      .where('tenant_id', '=', person.tenantId)
      .where('id', '=', person.userId)
      .where('moving_since', 'is not', null)
      .executeTakeFirst();
    if (!noted) return { notifications: [], outcomes: [] };
    return moveTo(sql, person, { timezone: noted.moving_to, zoneBefore: timeZone }, now);
  });

/** Finds at most `limit` people for whom a zone is noted. Rides on `users_moving`. */
export async function findMovingPeople(
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
): Promise<PersonRef[]> {
  const { rows } = await statement<{ tenant_id: string; id: string }>`
    select u.tenant_id, u.id from users u
    where u.tenant_id = any(${tenantIds}::uuid[]) and u.moving_since is not null
      and not ${isSetAside('u.tenant_id', 'u.id', moveDaysJob, now)}
    order by u.moving_since, u.tenant_id, u.id
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.id }));
}

type Move = { timezone: string | null; zoneBefore: string };

async function moveTo(
  sql: Sql,
  person: PersonRef,
  { timezone, zoneBefore }: Move,
  now: Temporal.Instant,
): Promise<Evaluated> {
  await writeZone(sql, person, { timezone, moving_since: null, moving_to: null });
  const people = await lockPeople(sql, [person]);
  await moveDays(sql, person, lockedPerson(people, person).timeZone);
  const evaluated = await rebuildLocked(sql, people, now);
  await rescheduleWaiting(sql, person, zoneBefore, now);
  await rescheduleDigest(sql, person, zoneBefore, now);
  return { ...evaluated, profiles: await markStaleProfiles(sql, [person], now) };
}

type Zone = { timezone?: string | null; moving_since: string | null; moving_to: string | null };

/** Rides on the primary key. */
async function writeZone(sql: Sql, { tenantId, userId }: PersonRef, zone: Zone): Promise<void> {
  await sql
    .updateTable('users')
    .set(zone)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', userId)
    .execute();
}

/** Rides on `expenses_user_day`, of which it reads no more than it needs. */
async function hasMany(sql: Sql, { tenantId, userId }: PersonRef): Promise<boolean> {
  const { rows } = await statement<{ count: number }>`
    select count(*)::int as count from (
      select from expenses
      where tenant_id = ${tenantId} and user_id = ${userId}
      limit ${expensesAtOnce + 1}
    ) found`.execute(sql);
  return (rows[0]?.count ?? 0) > expensesAtOnce;
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

/**
 * Rebuilds profiles, recurring charges, anomalies, forecasts and recommendations from the expenses alone, in one
 * transaction. It takes the person named by the job, and some others who wait, because that costs little more. After
 * a crash before the commit the profiles are still stale and are enqueued again.
 */
import { sql as statement } from 'kysely';
import { evaluateForecasts } from '../../alerts/evaluate/evaluate-forecasts.ts';
import type { Evaluated } from '../../alerts/evaluate/write-evaluations.ts';
import { firstDayLookedAt } from '../decide/months.ts';
import { profileOf } from '../decide/profile.ts';
import { localDay, periodContaining, startOfDay } from '../../values/period.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { countStaleProfiles } from './count-stale-profiles.ts';
import { lockPeople, type Person } from '../../accounts/people.ts';
import { lockRatesShared } from '../../alerts/spending/lock-rates.ts';
import { readDaySpending } from '../spending/read-day-spending.ts';
import { readFirstDays } from '../spending/read-first-days.ts';
import { readTenant } from '../../accounts/tenants.ts';
import { rebuildAnomalies } from '../anomalies/rebuild-anomalies.ts';
import { recurringExpenseIds } from '../recurring/find-streams-of-people.ts';
import { type PersonRecurring, rebuildRecurring } from '../recurring/rebuild-recurring.ts';
import { writeForecasts } from '../forecasts/write-forecasts.ts';
import { type PersonProfile, writeProfiles } from './write-profiles.ts';
import { rebuildRecommendations } from '../recommendations/rebuild-recommendations.ts';
import type { ProfileRef } from '../../values/refs.ts';

/**
 * `gone`: the profile was rebuilt already. `soon`: it was rebuilt a moment ago, and further changes are
 * collected until `at`. `evaluated`: what the forecasts of their rules
 * changed, with the notifications to enqueue, also of anomalies.
 */
export type Rebuilt =
  | { kind: 'gone' }
  | { kind: 'soon'; at: Temporal.Instant }
  | { kind: 'rebuilt'; profiles: number; evaluated: Evaluated };

type Stale = { id: string; userId: string };

/**
 * The shortest time between two rebuilds of one person. It grows with the number of waiting people, so that
 * monthly profiles never take the processor from alerts.
 */
const restMs = { atLeast: 5_000, forEachWaiting: 50, atMost: 600_000 } as const;
/** Each of these people stays locked until the transaction ends. */
const rebuiltAlong = 20;

/**
 * `hasRested`: the job has waited until the `at` of an earlier answer. `isAlone`: nobody else is rebuilt
 * along, because one of them may have caused an earlier failure.
 */
export function rebuildProfile(
  db: Database,
  { tenantId, profileId }: ProfileRef,
  now: Temporal.Instant,
  { hasRested = false, isAlone = false } = {},
): Promise<Rebuilt> {
  return db.transaction([tenantId], async (sql) => {
    const asked = await findStale(sql, tenantId, profileId);
    const rest = await readRest(sql, tenantId);
    const at = hasRested ? undefined : asked?.profiledAt?.add(rest);
    // Other jobs and the sweep find the others who wait. To look for them here, mostly in vain, costs more than this job.
    if (at !== undefined && Temporal.Instant.compare(now, at) < 0) return { kind: 'soon', at };
    // A rate change after this lock marks the profiles as stale again.
    await lockRatesShared(sql, [tenantId]);
    const requested = asked ? [asked] : [];
    // This waits for the lock on the job's own person. All later locks skip locked people.
    await lockAll(sql, tenantId, requested);
    const others = isAlone ? [] : await lockRested(sql, tenantId, profileId, { now, rest });
    const stale = [...requested, ...others];
    const people = await takeStale(sql, tenantId, stale);
    if (people.length === 0) return { kind: 'gone' };
    const evaluated = await rebuildLocked(sql, tenantId, people, now);
    return { kind: 'rebuilt', profiles: people.length, evaluated };
  });
}

async function readRest(sql: Sql, tenantId: string): Promise<{ milliseconds: number }> {
  const { atLeast, forEachWaiting, atMost } = restMs;
  const waiting = await countStaleProfiles(sql, tenantId);
  return { milliseconds: Math.min(Math.max(waiting * forEachWaiting, atLeast), atMost) };
}

/** Rides on `stale_profiles_id`. */
async function findStale(sql: Sql, tenantId: string, profileId: string) {
  const { rows } = await statement<{ user_id: string; profiled_at: string | null }>`
    select s.user_id, u.profiled_at
    from stale_profiles s join users u on u.tenant_id = s.tenant_id and u.id = s.user_id
    where s.tenant_id = ${tenantId} and s.id = ${profileId}`.execute(sql);
  const [row] = rows;
  if (!row) return null;
  const profiledAt = row.profiled_at === null ? null : Temporal.Instant.from(row.profiled_at);
  return { id: profileId, userId: row.user_id, profiledAt };
}

const lockAll = async (sql: Sql, tenantId: string, stale: readonly Stale[]): Promise<Person[]> => {
  const refs = stale.map(({ userId }) => ({ tenantId, userId }));
  return refs.length === 0 ? [] : [...(await lockPeople(sql, refs)).values()];
};

/**
 * Locks other people whose rest is over, the longest waiting first. People who became stale after `now` are
 * left out. Rides on `stale_profiles_since`.
 */
async function lockRested(
  sql: Sql,
  tenantId: string,
  profileId: string,
  { now, rest }: { now: Temporal.Instant; rest: Temporal.DurationLike },
): Promise<Stale[]> {
  const { rows } = await statement<Stale>`
    select s.id, s.user_id as "userId"
    from stale_profiles s join users u on u.tenant_id = s.tenant_id and u.id = s.user_id
    where s.tenant_id = ${tenantId} and s.id <> ${profileId} and s.since <= ${now.toString()}
      and (u.profiled_at is null or u.profiled_at <= ${now.subtract(rest).toString()})
    order by s.since
    limit ${rebuiltAlong}
    for no key update of u skip locked`.execute(sql);
  return rows;
}

/** Takes the people whose profile no other worker has rebuilt in between. Rides on `stale_profiles_id`. */
async function takeStale(sql: Sql, tenantId: string, stale: readonly Stale[]): Promise<Person[]> {
  if (stale.length === 0) return [];
  const { rows } = await statement<Stale>`
    delete from stale_profiles
    where tenant_id = ${tenantId} and id = any(${stale.map(({ id }) => id)}::uuid[])
    returning id, user_id as "userId"`.execute(sql);
  return lockAll(sql, tenantId, rows);
}

async function rebuildLocked(
  sql: Sql,
  tenantId: string,
  people: readonly Person[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  const recurring = await rebuildRecurring(sql, tenantId, people, now);
  const anomalies = await rebuildAnomalies(sql, { tenantId, people, recurring }, now);
  const profiles = await makeProfiles(sql, tenantId, people, { recurring, now });
  await writeProfiles(sql, tenantId, profiles, now);
  await rebuildRecommendations(sql, tenantId, profiles, now);
  const forecast = await writeForecasts(sql, tenantId, people, recurring, now);
  await noteProfiled(sql, people, { profiles, recurring, forecast }, now);
  const evaluated = await evaluateForecasts(sql, people, now);
  return { ...evaluated, notifications: [...anomalies, ...evaluated.notifications] };
}

async function makeProfiles(
  sql: Sql,
  tenantId: string,
  people: readonly Person[],
  { recurring, now }: { recurring: ReadonlyMap<string, PersonRecurring>; now: Temporal.Instant },
): Promise<PersonProfile[]> {
  const { currency = 'USD' } = (await readTenant(sql, tenantId)) ?? {};
  const asked = people.map(({ userId, timeZone }) => {
    const lastDay = localDay(now, timeZone);
    return { userId, firstDay: firstDayLookedAt(lastDay), lastDay };
  });
  const recurringIds = recurringExpenseIds(recurring.values());
  const spending = await readDaySpending(sql, tenantId, currency, asked, recurringIds);
  const firstDays = await readFirstDays(
    sql,
    tenantId,
    people.map(({ userId }) => userId),
  );
  return asked.map(({ userId, lastDay }) => {
    const own = { spending: spending.get(userId) ?? [], firstDays: firstDays.get(userId) ?? new Map() };
    return { userId, currency, profile: profileOf({ ...own, today: lastDay, currency }) };
  });
}

/**
 * A person without figures in the profile and without expenses dated ahead is not rebuilt each month. Where a recurring
 * charge is late or ends before the month's end, the person is rebuilt then. People with a forecast are rebuilt each day.
 * Rides on the primary keys of users and `daily_spend`.
 */
async function noteProfiled(
  sql: Sql,
  people: readonly Person[],
  {
    profiles,
    recurring,
    forecast,
  }: {
    profiles: readonly PersonProfile[];
    recurring: ReadonlyMap<string, PersonRecurring>;
    forecast: ReadonlySet<string>;
  },
  now: Temporal.Instant,
): Promise<void> {
  const empty = new Set(
    profiles.filter(({ profile }) => profile.categories.length === 0).map(({ userId }) => userId),
  );
  const today = people.map(({ timeZone }) => localDay(now, timeZone));
  const monthEnd = people.map(({ timeZone }, at) =>
    startOfDay(periodContaining('monthly', today[at] ?? '').end, timeZone).toString(),
  );
  const changeAt = people.map(({ userId, timeZone }, at) => {
    const tomorrow = Temporal.PlainDate.from(today[at] ?? '')
      .add({ days: 1 })
      .toString();
    const day = forecast.has(userId) ? tomorrow : recurring.get(userId)?.changesOn;
    return day === undefined ? null : startOfDay(day, timeZone).toString();
  });
  await statement`
    update users u
    set profiled_at = ${now.toString()}::timestamptz,
      profile_due_at = least(given.change_at, case when not given.is_empty or exists (
        select from daily_spend d
        where d.tenant_id = u.tenant_id and d.user_id = u.id and d.day > given.today and d.expense_count <> 0
      ) then given.month_end end)
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[],
      ${people.map(({ userId }) => empty.has(userId))}::boolean[],
      ${today}::date[],
      ${monthEnd}::timestamptz[],
      ${changeAt}::timestamptz[]
    ) as given (tenant_id, user_id, is_empty, today, month_end, change_at)
    where u.tenant_id = given.tenant_id and u.id = given.user_id`.execute(sql);
}

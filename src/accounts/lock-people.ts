/**
 * Locks people until the transaction ends. Every change of a person's sums or rules takes this lock first.
 */
import { sql as statement } from 'kysely';
import { defaultLocale } from '../values/locale.ts';
import type { Sql } from '../runtime/database/database.ts';
import { personKey, type PersonRef } from '../values/refs.ts';

/** `timeZone` is theirs, or else the tenant's. `snoozeUntil` is the end of their snooze. */
export type Person = PersonRef & { timeZone: string; locale: string; snoozeUntil: Temporal.Instant | null };

type Row = {
  tenant_id: string;
  id: string;
  timezone: string;
  locale: string | null;
  snooze_until: string | null;
};

/** Locks in key order. The result is keyed by `personKey`. */
export async function lockPeople(sql: Sql, people: readonly PersonRef[]): Promise<Map<string, Person>> {
  const { rows } = await statement<Row>`
    select u.tenant_id, u.id, coalesce(u.timezone, t.timezone) as timezone, u.locale, u.snooze_until
    from users u join tenants t on t.id = u.tenant_id
    where (u.tenant_id, u.id) in (
      select tenant_id, id from unnest(
        ${people.map((person) => person.tenantId)}::uuid[],
        ${people.map((person) => person.userId)}::text[]
      ) as asked (tenant_id, id)
    )
    order by u.tenant_id, u.id
    for no key update of u`.execute(sql);
  return new Map(rows.map(toPerson).map((person) => [personKey(person), person]));
}

const toPerson = (row: Row): Person => ({
  tenantId: row.tenant_id,
  userId: row.id,
  timeZone: row.timezone,
  locale: row.locale ?? defaultLocale,
  snoozeUntil: row.snooze_until === null ? null : Temporal.Instant.from(row.snooze_until),
});

/** Locks one person. Throws if they are not registered. */
export const lockPerson = async (sql: Sql, person: PersonRef): Promise<Person> =>
  lockedPerson(await lockPeople(sql, [person]), person);

/** Finds a person among those the caller has locked. Throws for anybody else. */
export function lockedPerson(people: ReadonlyMap<string, Person>, ref: PersonRef): Person {
  const person = people.get(personKey(ref));
  if (!person) throw new Error('no such person is registered');
  return person;
}

type Snoozed = { snoozeUntil: Temporal.Instant | null };

/** Whether the rule or its person is snoozed at `now`. */
export const isSnoozed = (rule: Snoozed, person: Snoozed, now: Temporal.Instant): boolean =>
  [rule, person].some(
    ({ snoozeUntil }) => snoozeUntil !== null && Temporal.Instant.compare(now, snoozeUntil) < 0,
  );

/**
 * Locks people and registers unknown ones first, because a person exists from the first event that names
 * them. Unknown people are locked in key order among themselves. Two transactions with the same unknown
 * people can deadlock once, and are retried.
 */
export async function registerAndLock(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Map<string, Person>> {
  const known = await lockPeople(sql, people);
  const unknown = people.filter((person) => !known.has(personKey(person)));
  if (unknown.length === 0) return known;
  await registerPeople(sql, unknown, now);
  return new Map([...known, ...(await lockPeople(sql, unknown))]);
}

async function registerPeople(sql: Sql, people: readonly PersonRef[], now: Temporal.Instant): Promise<void> {
  await statement`
    insert into users (tenant_id, id, registered_at)
    select tenant_id, id, ${now.toString()}::timestamptz
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[]
    ) as p (tenant_id, id)
    order by tenant_id, id
    on conflict do nothing`.execute(sql);
}

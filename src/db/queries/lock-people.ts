/** Holds people until the transaction ends: whoever moves a person's sums or rules takes this lock first. */
import { sql as statement } from 'kysely';
import type { Sql } from '../database.ts';

export type PersonRef = { tenantId: string; userId: string };
export type Person = PersonRef & { timeZone: string };

export const personKey = ({ tenantId, userId }: PersonRef): string => `${tenantId} ${userId}`;

/** Locks in key order and answers each person's zone, the tenant's where they have none, by `personKey`. */
export async function lockPeople(sql: Sql, people: readonly PersonRef[]): Promise<Map<string, Person>> {
  const { rows } = await statement<{ tenant_id: string; id: string; timezone: string }>`
    select u.tenant_id, u.id, coalesce(u.timezone, t.timezone) as timezone
    from users u join tenants t on t.id = u.tenant_id
    where (u.tenant_id, u.id) in (
      select tenant_id, id from unnest(
        ${people.map((person) => person.tenantId)}::uuid[],
        ${people.map((person) => person.userId)}::text[]
      ) as asked (tenant_id, id)
    )
    order by u.tenant_id, u.id
    for no key update of u`.execute(sql);
  return new Map(
    rows.map((row) => [
      personKey({ tenantId: row.tenant_id, userId: row.id }),
      { tenantId: row.tenant_id, userId: row.id, timeZone: row.timezone },
    ]),
  );
}

/**
 * A person exists from the first event that names them: strangers are registered and then locked, in key
 * order among themselves. Against another's locks on the same strangers that can deadlock, once, and is retried.
 */
export async function registerAndLock(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Map<string, Person>> {
  const known = await lockPeople(sql, people);
  const strangers = people.filter((person) => !known.has(personKey(person)));
  if (strangers.length === 0) return known;
  await registerPeople(sql, strangers, now);
  return new Map([...known, ...(await lockPeople(sql, strangers))]);
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

/** Erasures of people: what is left of a person for 30 days, by the keyed hash of their id. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import type { PersonRef } from '../values/refs.ts';

/** Older tokens have ended, and older events have been applied or dropped. */
export const erasuresKept = { hours: 30 * 24 } as const;

/** The channel of the signals. A payload is the `personKey` of who was erased. */
export const erasures = 'spendwatch_erasures';

/** `hash`: of the person's id, by `HashPerson`. */
export type ErasedPerson = PersonRef & { hash: Buffer };

/** `erasedAt` by the service's clock, `tokensFrom` by the real time. */
export type Erasure = { erasedAt: Temporal.Instant; tokensFrom: Temporal.Instant };

/**
 * Writes or renews an erasure that is not finished. `isThere`: whether the rows of the person are still to be deleted.
 * Primary key.
 */
export async function writeErasure(
  sql: Sql,
  { tenantId, userId, hash }: ErasedPerson,
  { erasedAt, tokensFrom }: Erasure,
  isThere: boolean,
): Promise<void> {
  await statement`
    insert into erased_people (tenant_id, person, erased_at, tokens_from, user_id, is_there)
    values (${tenantId}, ${hash}, ${erasedAt.toString()}, ${tokensFrom.toString()}, ${userId}, ${isThere})
    on conflict (tenant_id, person) do update
    set erased_at = excluded.erased_at, tokens_from = excluded.tokens_from, user_id = excluded.user_id,
      is_there = excluded.is_there`.execute(sql);
}

/** Locks the erasure. True if rows of the person are still to be deleted. Primary key. */
export async function lockErasure(sql: Sql, { tenantId, hash }: ErasedPerson): Promise<boolean> {
  const { rows } = await statement`
    select from erased_people
    where tenant_id = ${tenantId} and person = ${hash} and user_id is not null and is_there
    for update`.execute(sql);
  return rows.length > 0;
}

/** The time of an erasure whose last steps are still to be done; null if there is none. Primary key. */
export async function readUnfinished(
  sql: Sql,
  { tenantId, hash }: ErasedPerson,
): Promise<Temporal.Instant | null> {
  const { rows } = await statement<{ erased_at: string }>`
    select erased_at from erased_people
    where tenant_id = ${tenantId} and person = ${hash} and user_id is not null and not is_there`.execute(sql);
  return rows[0] ? Temporal.Instant.from(rows[0].erased_at) : null;
}

/** After this only the hash and the time are left. Primary key. */
export async function endErasure(
  sql: Sql,
  { tenantId, hash }: ErasedPerson,
  erasedAt: Temporal.Instant,
): Promise<void> {
  await statement`
    update erased_people set user_id = null
    where tenant_id = ${tenantId} and person = ${hash} and erased_at = ${erasedAt.toString()}
      and not is_there`.execute(sql);
}

/** Erasures that were left unfinished before `before`, oldest first. Rides on `erased_people_unfinished`. */
export async function listUnfinished(
  sql: Sql,
  tenantIds: readonly string[],
  before: Temporal.Instant,
): Promise<ErasedPerson[]> {
  const { rows } = await statement<{ tenant_id: string; user_id: string; person: Buffer }>`
    select tenant_id, user_id, person from erased_people
    where tenant_id = any(${tenantIds}::uuid[]) and user_id is not null and erased_at <= ${before.toString()}
    order by erased_at
    limit 100`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id, hash: row.person }));
}

/** When the tokens of a tenant's erased people begin to count again, by the hex of the hash. Primary key. */
export async function readTokensFrom(sql: Sql, tenantId: string): Promise<Map<string, Temporal.Instant>> {
  const { rows } = await statement<{ person: Buffer; tokens_from: string }>`
    select person, tokens_from from erased_people where tenant_id = ${tenantId}`.execute(sql);
  return new Map(rows.map((row) => [row.person.toString('hex'), Temporal.Instant.from(row.tokens_from)]));
}

/** Those of the people who were erased, each with the time. Primary key. */
export async function findErased(
  sql: Sql,
  people: readonly ErasedPerson[],
): Promise<(PersonRef & { erasedAt: Temporal.Instant })[]> {
  const { rows } = await statement<{ position: number; erased_at: string }>`
    select given.position::int, e.erased_at
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ hash }) => hash.toString('hex'))}::text[]
    ) with ordinality as given (tenant_id, person, position)
    join erased_people e on e.tenant_id = given.tenant_id and e.person = decode(given.person, 'hex')`.execute(
    sql,
  );
  return rows.flatMap(({ position, erased_at }) => {
    const person = people[position - 1];
    return person
      ? [{ tenantId: person.tenantId, userId: person.userId, erasedAt: Temporal.Instant.from(erased_at) }]
      : [];
  });
}

/** Deletes finished erasures older than `before`. Rides on `erased_people_at`. */
export async function deleteOldErasures(sql: Sql, tenantId: string, before: Temporal.Instant): Promise<void> {
  await statement`
    delete from erased_people
    where tenant_id = ${tenantId} and erased_at < ${before.toString()} and user_id is null`.execute(sql);
}

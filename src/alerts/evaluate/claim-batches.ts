/** Claims committed batches for evaluation, and locks the people whose spending they change. */
import { sql as statement } from 'kysely';
import { RetryTransaction, type Sql } from '../../runtime/database/database.ts';
import { personTimeZone } from '../../accounts/people.ts';
import { selectLockedRates } from '../spending/lock-rates.ts';

/** Ids of batches, and of every tenant that one of them may belong to. */
export type BatchRefs = { batchIds: readonly string[]; tenantIds: readonly string[] };

/**
 * Batches in the order in which they are evaluated; the ids of both arrays belong together. `receivedAt`: the time at
 * which the oldest of their events was committed. `people`: those whose spending the events change, by `personKey`.
 * `timeZones`: those of the people named in the events. All events were spent from `firstSpentAt` to `lastSpentAt`, which
 * are null if the batches only delete expenses. `mayNameErased`: somebody of their tenants was erased after an event was
 * received.
 */
export type ClaimedBatches = BatchRefs & {
  events: number;
  receivedAt: Temporal.Instant;
  people: readonly string[];
  timeZones: readonly string[];
  firstSpentAt: Temporal.Instant | null;
  lastSpentAt: Temporal.Instant | null;
  mayNameErased: boolean;
};

type Row = {
  tenant_ids: string[] | null;
  batch_ids: string[] | null;
  received_at: string | null;
  events: number;
  first_spent_at: string | null;
  last_spent_at: string | null;
  unlocked: number;
  people: string | null;
  time_zones: string[] | null;
  may_name_erased: boolean;
};

/** A claim also includes up to `limit` other pending batches of at most `events` events each. */
const smallBatch = { events: 64, limit: 16 };

/**
 * Marks the given batches as applied, and with them the oldest small pending batches of their tenants. Under load
 * one transaction thus serves many commits. Batches that another transaction has locked are skipped: it applies
 * them, or rolls back and tries again. Returns null if no batch was left.
 *
 * Registers people whom no event named before. Locks everybody whom the events name, and the owners of expenses that
 * they change or delete, in key order. Nothing reads their sums in the same statement: what a statement reads is from
 * before it waited for a lock.
 *
 * The statement first takes the shared lock on the tenants' exchange rates (`lock-rates`). It rides on the primary
 * keys of `event_batches`, `users` and `expenses`, on `event_batches_pending`, `events_batch` and `erased_people_at`.
 */
export async function claimBatches(
  sql: Sql,
  { batchIds, tenantIds }: BatchRefs,
  now: Temporal.Instant,
): Promise<ClaimedBatches | null> {
  const { rows } = await statement<Row>`
    with ${claimed(tenantIds, batchIds, now)}, ${lockedPeople(now)}
    select c.*, n.*,
      (select count(*) from people)::int - (select count(*) from registered)::int
        - (select count(*) from locked)::int as unlocked,
      (select array_agg(time_zone) from zones) as time_zones,
      exists (
        select from erased_people e
        where e.tenant_id = any(${tenantIds}::uuid[]) and e.erased_at > c.received_at
      ) as may_name_erased,
      (select string_agg(tenant_id || ' ' || user_id, E'\\n') from people) as people
    from (
      select array_agg(tenant_id::text order by received_at, id) as tenant_ids,
        array_agg(id::text order by received_at, id) as batch_ids, min(received_at) as received_at
      from claimed
    ) c, (
      select count(*)::int as events, min(spent_at) as first_spent_at, max(spent_at) as last_spent_at from named
    ) n`.execute(sql);
  return rows[0] ? toClaimed(rows[0]) : null;
}

/** Queries `claimed`: the batches that are now marked as applied. */
const claimed = (
  tenantIds: readonly string[],
  batchIds: readonly string[],
  now: Temporal.Instant,
) => statement`
  rates as materialized (${selectLockedRates(tenantIds)}), own as (
    select tenant_id, id
    from event_batches
    where (select are_held from rates)
      and tenant_id = any(${tenantIds}::uuid[]) and id = any(${batchIds}::uuid[]) and applied_at is null
    order by tenant_id, id
    for no key update skip locked
  ), small as (
    select tenant_id, id
    from event_batches
    where (select are_held from rates)
      and tenant_id = any(${tenantIds}::uuid[]) and id <> all(${batchIds}::uuid[]) and applied_at is null
      and event_count <= ${smallBatch.events}
    order by received_at, id
    limit ${smallBatch.limit}
    for no key update skip locked
  ), claimed as (
    update event_batches b set applied_at = ${now.toString()}
    from (table own union all table small) waiting
    where b.tenant_id = waiting.tenant_id and b.id = waiting.id
    returning b.tenant_id, b.id, b.received_at
  )`;

/** Queries the events `named` in them, the `people` of those, whom of these it `registered`, and the `zones` of all. */
const lockedPeople = (now: Temporal.Instant) => statement`
  named as materialized (
    select e.tenant_id, e.user_id, e.expense_id, e.type, e.spent_at
    from claimed c join events e on e.tenant_id = c.tenant_id and e.batch_id = c.id
  ), people as materialized (
    select tenant_id, user_id from named where user_id is not null
    union
    select n.tenant_id, x.user_id
    from named n join expenses x on x.tenant_id = n.tenant_id and x.id = n.expense_id
    where n.type <> 'expense.created' and x.user_id is not null
  ), registered as (
    insert into users (tenant_id, id, registered_at)
    select p.tenant_id, p.user_id, ${now.toString()}::timestamptz
    from people p
    where not exists (select from users u where u.tenant_id = p.tenant_id and u.id = p.user_id)
    order by p.tenant_id, p.user_id
    on conflict do nothing
    returning tenant_id
  ), locked as materialized (
    select u.time_zone
    from (select tenant_id, user_id from people order by tenant_id, user_id offset 0) p
    cross join lateral (
      select ${personTimeZone} as time_zone
      from users u join tenants t on t.id = u.tenant_id
      where u.tenant_id = p.tenant_id and u.id = p.user_id
      offset 0
      for no key update of u
    ) u
  ), zones as (
    select time_zone from locked
    union
    select t.timezone from registered join tenants t on t.id = registered.tenant_id
  )`;

function toClaimed(row: Row): ClaimedBatches | null {
  if (!row.batch_ids || !row.tenant_ids || !row.received_at) return null;
  // Another transaction registered one of them a moment ago. The next try sees that person, and locks them in order.
  if (row.unlocked !== 0) throw new RetryTransaction('a person was registered in between');
  return {
    tenantIds: row.tenant_ids,
    batchIds: row.batch_ids,
    events: row.events,
    receivedAt: Temporal.Instant.from(row.received_at),
    people: row.people?.split('\n') ?? [],
    timeZones: row.time_zones ?? [],
    firstSpentAt: instantOf(row.first_spent_at),
    lastSpentAt: instantOf(row.last_spent_at),
    mayNameErased: row.may_name_erased,
  };
}

const instantOf = (text: string | null): Temporal.Instant | null =>
  text === null ? null : Temporal.Instant.from(text);

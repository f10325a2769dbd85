/** Claims committed batches for evaluation, and locks the people whose spending they change. */
import { sql as statement } from 'kysely';
import { RetryTransaction, type Sql } from '../../runtime/database/database.ts';
import { personTimeZone } from '../../accounts/people.ts';
import { selectLockedRates, tryLockRates } from '../spending/lock-rates.ts';
import { neighboursAtATime, ownTurn, type Turn } from './tenant-turns.ts';

/** Ids of batches, and of every tenant that one of them may belong to. */
export type BatchRefs = { batchIds: readonly string[]; tenantIds: readonly string[] };

/**
 * Batches in the order in which they are evaluated; the entries of the arrays belong together. `numbers`: a batch's own, to
 * which the position of an event is added for its place in the inbox. `receivedAt`: the time at
 * which the oldest of their events was committed. `waiting`: tenants with pending batches, for the next turn. `people`:
 * those whose spending the events change, by `personKey`. `timeZones`: those of the people named in the events. All events
 * were spent from `firstSpentAt` to `lastSpentAt`, which are null if the batches only delete expenses. `mayNameErased`:
 * somebody of their tenants was erased after an event was received.
 */
export type ClaimedBatches = BatchRefs & {
  numbers: readonly string[];
  events: number;
  receivedAt: Temporal.Instant;
  waiting: readonly string[];
  people: readonly string[];
  timeZones: readonly string[];
  firstSpentAt: Temporal.Instant | null;
  lastSpentAt: Temporal.Instant | null;
  mayNameErased: boolean;
};

type Row = {
  tenant_ids: string[] | null;
  batch_ids: string[] | null;
  numbers: string[] | null;
  received_at: string | null;
  events: number;
  waiting: string[] | null;
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
 * A claim also includes pending batches of other tenants: the oldest of each, then the second of each, and so on, until
 * they hold so many events.
 */
const neighbours = { events: 1000, batchesOfEach: 16 };

/**
 * Marks the given batches as applied, and with them the oldest small pending batches of their tenants. Under load
 * one transaction thus serves many commits. Tenants whose turn it is get theirs in the same claim, but for those whose
 * rates are being changed. The transaction names them too. Batches that another transaction has locked are skipped: it
 * applies them, or rolls back and tries again. Returns null if no batch was left.
 *
 * Registers people whom no event named before. Locks everybody whom the events name, and the owners of expenses that
 * they change, delete or replace, in key order. Nothing reads their sums in the same statement: what a statement reads is from
 * before it waited for a lock.
 *
 * The statement first takes the shared lock on the tenants' exchange rates (`lock-rates`). It rides on the primary
 * keys of `event_batches`, `users` and `expenses`, on `event_batches_pending`, `events_batch` and `erased_people_at`.
 */
export async function claimBatches(
  sql: Sql,
  { batchIds, tenantIds }: BatchRefs,
  now: Temporal.Instant,
  turn: Turn = ownTurn,
): Promise<ClaimedBatches | null> {
  const { rows } = await statement<Row>`
    with ${pending(tenantIds, batchIds)}, ${pendingOf(turn.neighbourIds)}, ${claimed(now)}, ${lockedPeople(now)}
    select c.*, n.*, (
        select array_agg(id::text order by id)
        from lookup.list_waiting_tenants(${turn.lookAfter}::uuid, ${neighboursAtATime}) as id
      ) as waiting,
      (select count(*) from people)::int - (select count(*) from registered)::int
        - (select count(*) from locked)::int as unlocked,
      (select array_agg(time_zone) from zones) as time_zones,
      exists (
        select from erased_people e
        where e.tenant_id = any(${[...tenantIds, ...turn.neighbourIds]}::uuid[]) and e.erased_at > c.received_at
      ) as may_name_erased,
      (select string_agg(tenant_id || ' ' || user_id, E'\\n') from people) as people
    from (
      select array_agg(tenant_id::text order by received_at, id) as tenant_ids,
        array_agg(id::text order by received_at, id) as batch_ids,
        array_agg(number::text order by received_at, id) as numbers, min(received_at) as received_at
      from claimed
    ) c, (
      select count(*)::int as events, min(spent_at) as first_spent_at, max(spent_at) as last_spent_at from named
    ) n`.execute(sql);
  return rows[0] ? toClaimed(rows[0]) : null;
}

/** Queries the given batches that are pending, as `own`, and `small` ones of their tenants. */
const pending = (tenantIds: readonly string[], batchIds: readonly string[]) => statement`
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
  )`;

/**
 * Queries `others`: pending batches of other tenants, in turn. Their rates are locked last and without waiting, so that
 * nobody waits for a change of somebody else's rates.
 */
const pendingOf = (neighbourIds: readonly string[]) =>
  neighbourIds.length === 0
    ? statement`others as (select tenant_id, id from event_batches where false)`
    : statement`
  neighbours as materialized (
    select tenant_id
    from unnest(${neighbourIds}::uuid[]) as named (tenant_id)
    where (select are_held from rates) and ${tryLockRates(statement`tenant_id::text`)}
  ), turns as materialized (
    select tenant_id, id
    from (
      select oldest.tenant_id, oldest.id,
        sum(event_count) over (order by turn, received_at, oldest.id) - event_count as events_before
      from neighbours n
      cross join lateral (
        select tenant_id, id, received_at, event_count, row_number() over (order by received_at, id) as turn
        from (
          select tenant_id, id, received_at, event_count
          from event_batches b
          where b.tenant_id = n.tenant_id and b.applied_at is null
          order by received_at, id
          limit ${neighbours.batchesOfEach}
        ) b
      ) oldest
    ) in_turn
    where events_before < ${neighbours.events}
  ), others as (
    select b.tenant_id, b.id
    from turns t join event_batches b on b.tenant_id = t.tenant_id and b.id = t.id
    where b.applied_at is null
    for no key update of b skip locked
  )`;

/** Queries `claimed`: the batches that are now marked as applied. */
const claimed = (now: Temporal.Instant) => statement`
  claimed as (
    update event_batches b set applied_at = ${now.toString()}
    from (table own union all table small union all table others) waiting
    where b.tenant_id = waiting.tenant_id and b.id = waiting.id
    returning b.tenant_id, b.id, b.received_at, coalesce(b.number, 0) as number
  )`;

/** Queries the events `named` in them, the `people` of those, whom of these it `registered`, and the `zones` of all. */
const lockedPeople = (now: Temporal.Instant) => statement`
  named as materialized (
    select e.tenant_id, e.user_id, e.expense_id, e.replaces, e.type, e.spent_at
    from claimed c join events e on e.tenant_id = c.tenant_id and e.batch_id = c.id
  ), people as materialized (
    select tenant_id, user_id from named where user_id is not null
    union
    select n.tenant_id, x.user_id
    from (
      select tenant_id, expense_id as id from named where type <> 'expense.created'
      union all
      select tenant_id, replaces from named where replaces is not null
    ) n join expenses x on x.tenant_id = n.tenant_id and x.id = n.id
    where x.user_id is not null
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
  if (!row.batch_ids || !row.tenant_ids || !row.numbers || !row.received_at) return null;
  // Another transaction registered one of them a moment ago. The next try sees that person, and locks them in order.
  if (row.unlocked !== 0) throw new RetryTransaction('a person was registered in between');
  return {
    tenantIds: row.tenant_ids,
    batchIds: row.batch_ids,
    numbers: row.numbers,
    events: row.events,
    receivedAt: Temporal.Instant.from(row.received_at),
    waiting: row.waiting ?? [],
    people: row.people?.split('\n') ?? [],
    timeZones: row.time_zones ?? [],
    firstSpentAt: instantOf(row.first_spent_at),
    lastSpentAt: instantOf(row.last_spent_at),
    mayNameErased: row.may_name_erased,
  };
}

const instantOf = (text: string | null): Temporal.Instant | null =>
  text === null ? null : Temporal.Instant.from(text);

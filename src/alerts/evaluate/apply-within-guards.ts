/**
 * Applies new expenses that open and close no level, in one statement that reads none of them into the process. It
 * decides nothing: it proves that nothing is to be decided, and returns every other event for `evaluate-events`.
 *
 * The proof, for each person: their events create expenses that nothing else in the batches or in store names or
 * replaces; each rule that counts one of them has its currency, excludes no merchants and has a measured period with
 * guards; and the spending stays between
 * those guards, even if only the increases or only the decreases came first. The events of a person for whom one of
 * these does not hold are returned together, as they are evaluated in the order of the inbox.
 */
import { sql as statement } from 'kysely';
import { personTimeZone } from '../../accounts/people.ts';
import { RetryTransaction, type Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import { coversCategory } from '../spending/covers-category.ts';
import type { ProfileRef } from '../../values/refs.ts';
import type { OffsetSpan } from '../../values/time-zone.ts';
import type { StoredEvent } from '../decide/apply-events.ts';
import type { ClaimedBatches } from './claim-batches.ts';
import {
  hasNameOfMerchant,
  isNamed,
  merchantColumns,
  selectKnownMerchants,
} from '../../accounts/merchant-names.ts';
import { type EventRow, toEvent } from './read-events.ts';
import { postedAt } from './write-expenses.ts';

/** `events`: those that are still to be evaluated. `profiles`: those that became stale. */
export type AppliedWithinGuards = { events: StoredEvent[]; profiles: ProfileRef[] };

/** All columns of an event are null in the one row of a result without events. */
type Row = (EventRow | { id: null }) & {
  applied: number;
  inserted: number;
  profile_tenant_ids: string[] | null;
  profile_ids: string[] | null;
};

/**
 * `offsets`: of the time zones of the batches' people, from before the first expense was spent. An expense in a zone
 * that is not among them is returned. The caller has claimed the batches, and with them locked the people.
 *
 * Rides on `events_batch`, `smart_alert_rules_active` and the primary keys of `users`, `expenses`, `rule_spend`,
 * `daily_spend`, `categories`, `merchant_names` and `stale_profiles`. `offset 0` keeps the planner from a scan of the whole table.
 */
export async function applyWithinGuards(
  sql: Sql,
  batches: ClaimedBatches,
  offsets: readonly OffsetSpan[],
  now: Temporal.Instant,
): Promise<AppliedWithinGuards> {
  const { rows } = await statement<Row>`
    with ${datedEvents(batches, offsets)}, ${proof}, ${writes(now)}
    select done.*, e.*
    from (
      select (select count(*) from new_expenses)::int as applied, (select count(*) from stored_expenses)::int as inserted,
        (select array_agg(tenant_id::text) from stale) as profile_tenant_ids,
        (select array_agg(id::text) from stale) as profile_ids
    ) done
    left join (
      select turn, position, tenant_id, source, id, type, time, sequence, number, expense_id, user_id, category_id,
        merchant, description, amount_minor, currency, spent_at, kind, status, replaces, merchant_id, merchant_source, mcc
      from events_in_order e
      where is_unusual
        or exists (select from set_aside a where a.tenant_id = e.tenant_id and a.user_id = e.user_id)
    ) e on true
    order by e.turn, e.position`.execute(sql);
  const [first] = rows;
  if (!first) throw new Error('the statement returned no row');
  if (first.inserted !== first.applied) throw new RetryTransaction('an expense came in between');
  return {
    events: rows.flatMap((row) => (row.id === null ? [] : [toEvent(row)])),
    profiles: (first.profile_ids ?? []).map((profileId, index) => ({
      tenantId: first.profile_tenant_ids?.[index] ?? '',
      profileId,
    })),
  };
}

/** Queries `events_in_order`: the events with their local days, and whether more than their spending must be looked at. */
function datedEvents(batches: ClaimedBatches, offsets: readonly OffsetSpan[]) {
  const offset = columnOf(offsets);
  return statement`
  offsets as materialized (
    select zone, starts_at, lead(starts_at, 1, 'infinity') over (partition by zone order by starts_at) as ends_at,
      make_interval(secs => seconds) as utc_offset
    from unnest(
      ${offset(({ zone }) => zone)}::text[],
      ${offset(({ from }) => from.toString())}::timestamptz[],
      ${offset(({ offsetSeconds }) => offsetSeconds)}::int[]
    ) as given (zone, starts_at, seconds)
  ), merchants as materialized (${selectKnownMerchants(batches)}
  ), events_in_order as materialized (
    select b.turn, e.tenant_id, e.source, e.id, e.position, e.type, e.time, e.sequence, b.number + e.position as number,
      e.expense_id, e.user_id, e.category_id,
      e.merchant, e.description, e.amount_minor, e.currency, e.spent_at, e.kind, e.status, e.replaces, e.mcc,
      ${merchantColumns},
      case when e.kind is distinct from 'transfer' then (e.spent_at at time zone 'UTC' + o.utc_offset)::date end as day,
      x.user_id as owner_id,
      e.user_id is null or o.zone is null or x.is_stored is not null or e.replaces is not null
        or count(*) over (partition by e.tenant_id, e.expense_id) > 1 as is_unusual
    from unnest(${batches.tenantIds}::uuid[], ${batches.batchIds}::uuid[], ${batches.numbers}::bigint[])
      with ordinality as b (tenant_id, batch_id, number, turn)
    join events e on e.tenant_id = b.tenant_id and e.batch_id = b.batch_id
    join tenants t on t.id = e.tenant_id
    left join users u on u.tenant_id = e.tenant_id and u.id = e.user_id
    left join offsets o on o.zone = ${personTimeZone}
      and e.spent_at >= o.starts_at and e.spent_at < o.ends_at
    left join lateral (
      select true as is_stored, user_id from expenses x
      where x.tenant_id = e.tenant_id and x.id = e.expense_id
      offset 0
    ) x on true
    left join merchants m on ${isNamed}
  )`;
}

/**
 * Queries the active rules that count the category of a row `s`: those of the category alone, which the index finds, and the
 * others, which are few.
 */
const rulesOver = statement`
  select tenant_id, id, currency, period_start, period_end, exclude_merchants
  from smart_alert_rules
  where tenant_id = s.tenant_id and user_id = s.user_id and is_active and category_id = s.category_id
  union all
  select r.tenant_id, r.id, r.currency, r.period_start, r.period_end, r.exclude_merchants
  from smart_alert_rules r
  where r.tenant_id = s.tenant_id and r.user_id = s.user_id and r.is_active and r.category_id is null
    and ${coversCategory(statement.ref('r'), statement.ref('s.category_id'))}`;

/** Queries what moves (`sums` by day, `moved` by rule period), who is `set_aside`, and the `new_expenses` of the others. */
const proof = statement`
  sums as materialized (
    select tenant_id, user_id, category_id, currency, day, sum(amount_minor) as amount_minor, count(*) as expenses,
      sum(greatest(amount_minor, 0)) as increase, sum(least(amount_minor, 0)) as decrease
    from events_in_order
    where not is_unusual and day is not null
    group by tenant_id, user_id, category_id, currency, day
  ), moved as materialized (
    select s.tenant_id, s.user_id, k.at, sum(s.amount_minor) as amount_minor,
      coalesce(bool_and(s.currency = r.currency and s.day < k.period_end and r.exclude_merchants is null), false)
        and coalesce(min(k.spent_minor) + sum(s.increase) < min(k.guard_high)
          and min(k.spent_minor) + sum(s.decrease) >= min(k.guard_low), false) as is_within_guards
    from sums s
    cross join lateral (${rulesOver}) r
    left join lateral (
      select ctid as at, period_end, spent_minor, guard_low, guard_high from rule_spend k
      where k.tenant_id = r.tenant_id and k.rule_id = r.id and k.period_start <= s.day
      order by k.period_start desc limit 1
    ) k on true
    where (r.period_start is null or s.day >= r.period_start) and (r.period_end is null or s.day < r.period_end)
    group by s.tenant_id, s.user_id, r.id, k.at
  ), set_aside as materialized (
    select tenant_id, user_id from events_in_order where is_unusual
    union
    select tenant_id, owner_id from events_in_order where is_unusual
    union
    select tenant_id, user_id from moved where not is_within_guards
    union
    select e.tenant_id, e.user_id
    from events_in_order r join events_in_order e on e.tenant_id = r.tenant_id and e.expense_id = r.replaces
    where (select bool_or(replaces is not null) from events_in_order) and r.replaces is not null
  ), new_expenses as materialized (
    select * from events_in_order e
    where not is_unusual
      and not exists (select from set_aside a where a.tenant_id = e.tenant_id and a.user_id = e.user_id)
  )`;

/**
 * The rows of the people who are not set aside. A period's row is found by its `ctid`, its place in the table: whoever
 * writes such rows holds the lock on their person, so it cannot move meanwhile.
 */
const writes = (now: Temporal.Instant) => statement`
  stored_expenses as (
    insert into expenses (tenant_id, id, event_time, event_id, event_source, event_type, event_sequence, event_number,
      user_id, category_id, merchant, description, amount_minor, currency, spent_at, day, kind, status, merchant_id,
      merchant_source, mcc, posted_at)
    select tenant_id, expense_id, time, id, source, type, sequence, number, user_id, category_id, merchant,
      description, amount_minor, currency, spent_at, day, kind, status, merchant_id, merchant_source, mcc,
      ${postedAt(statement`time`, now)}
    from new_expenses
    order by tenant_id, expense_id
    on conflict do nothing
    returning tenant_id
  ), stored_days as (
    insert into daily_spend (tenant_id, user_id, day, category_id, currency, amount_minor, expense_count)
    select tenant_id, user_id, day, category_id, currency, amount_minor, expenses
    from sums s
    where not exists (select from set_aside a where a.tenant_id = s.tenant_id and a.user_id = s.user_id)
    on conflict (tenant_id, user_id, day, category_id, currency) do update
    set amount_minor = daily_spend.amount_minor + excluded.amount_minor,
      expense_count = daily_spend.expense_count + excluded.expense_count
  ), stored_spending as (
    update rule_spend k set spent_minor = k.spent_minor + m.amount_minor
    from moved m
    where k.ctid = m.at
      and not exists (select from set_aside a where a.tenant_id = m.tenant_id and a.user_id = m.user_id)
  ), registered_categories as (
    insert into categories (tenant_id, id)
    select distinct tenant_id, category_id from new_expenses n
    where not exists (select from categories c where c.tenant_id = n.tenant_id and c.id = n.category_id)
    order by tenant_id, category_id
    on conflict do nothing
  ), registered_merchants as (
    insert into merchant_names (tenant_id, name, source, merchant_id)
    select distinct tenant_id, merchant, merchant_source, merchant_id from new_expenses e
    where ${hasNameOfMerchant} and not exists (
      select from merchant_names n
      where n.tenant_id = e.tenant_id and n.name = e.merchant and n.source = e.merchant_source
        and n.merchant_id = e.merchant_id
    )
    order by tenant_id, merchant, merchant_source, merchant_id
    on conflict do nothing
  ), stale as (
    insert into stale_profiles (tenant_id, user_id, since)
    select distinct tenant_id, user_id, ${now.toString()}::timestamptz from new_expenses n
    where not exists (select from stale_profiles s where s.tenant_id = n.tenant_id and s.user_id = n.user_id)
    order by tenant_id, user_id
    on conflict (tenant_id, user_id) do nothing
    returning tenant_id, id
  )`;

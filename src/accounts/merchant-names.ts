/**
 * Merchants with an id, and the names under which they were seen. A name that belongs to exactly one of them stands for it.
 * An event takes the identity that its name has before its batches are evaluated; names that these bring are for later ones.
 */
import { sql as statement } from 'kysely';
import { columnOf } from '../runtime/database/column-of.ts';
import type { Sql } from '../runtime/database/database.ts';

type Batches = { tenantIds: readonly string[]; batchIds: readonly string[] };

/**
 * Queries the names in events of these batches that belong to exactly one merchant with an id. The events are not read if no
 * merchant of the tenants has one. Rides on `events_batch` and the primary key of `merchant_names`.
 */
export const selectKnownMerchants = ({ tenantIds, batchIds }: Batches) => statement`
  select n.tenant_id, n.name, min(n.source) as merchant_source, min(n.merchant_id) as merchant_id
  from (
    select distinct e.tenant_id, e.merchant as name
    from unnest(${tenantIds}::uuid[], ${batchIds}::uuid[]) as b (tenant_id, batch_id)
    join events e on e.tenant_id = b.tenant_id and e.batch_id = b.batch_id
    where (${hasMerchantNames(tenantIds)}) and e.merchant_id is null and e.merchant is not null
  ) named
  join merchant_names n on n.tenant_id = named.tenant_id and n.name = named.name
  group by n.tenant_id, n.name
  having count(*) = 1`;

/** The condition on which an event `e` without an id is joined with a row `m` of `selectKnownMerchants`. */
export const isNamed = statement`
  m.tenant_id = e.tenant_id and m.name = e.merchant and e.merchant_id is null`;

/** The merchant of an event `e` that is joined with `m`. */
export const merchantColumns = statement`
  coalesce(e.merchant_id, m.merchant_id) as merchant_id,
  case when e.merchant_id is null then m.merchant_source else e.source end as merchant_source`;

/** True if a merchant of these tenants has an id. The order keeps the planner from a scan of the whole table. */
const hasMerchantNames = (tenantIds: readonly string[]) => statement`
  select exists (
    select
    from unnest(${tenantIds}::uuid[]) as asked (tenant_id)
    cross join lateral (
      select from merchant_names n where n.tenant_id = asked.tenant_id order by n.name limit 1
    ) first
  )`;

/** The bytes of a longer name may not fit the index. Nothing is learnt of it. */
const longestName = 1_000;

/** A condition for rows with `merchant` and `merchant_id`: there is a name to remember. */
export const hasNameOfMerchant = statement`
  merchant_id is not null and octet_length(merchant) <= ${statement.raw(String(longestName))}`;

/** `id`: the merchant's id of the source. */
export type NamedMerchant = { tenantId: string; name: string; source: string; id: string };

/** Remembers names that were given to merchants. Inserts in key order. Rides on the primary key. */
export async function registerMerchantNames(sql: Sql, named: readonly NamedMerchant[]): Promise<void> {
  if (named.length === 0) return;
  const column = columnOf(named);
  await statement`
    insert into merchant_names (tenant_id, name, source, merchant_id)
    select distinct tenant_id, merchant, source, merchant_id
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ name }) => name)}::text[],
      ${column(({ source }) => source)}::text[],
      ${column(({ id }) => id)}::text[]
    ) as named (tenant_id, merchant, source, merchant_id)
    where ${hasNameOfMerchant}
    order by tenant_id, merchant, source, merchant_id
    on conflict do nothing`.execute(sql);
}

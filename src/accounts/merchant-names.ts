/**
 * Merchants with an id, and the names under which they were seen. A name that belongs to exactly one of them stands for it.
 * An event takes the identity that its name has before its batches are evaluated; names that these bring are for later ones.
 */
import { sql as statement } from 'kysely';
import { columnOf } from '../runtime/database/column-of.ts';
import type { Sql } from '../runtime/database/database.ts';

/**
 * Joins `m` with the merchant that event `e` names: by the id that it gives, else by its name. `areKnown`: a condition that
 * is read once, false if no merchant of the tenants has an id. Rides on the primary key of `merchant_names`, of which it
 * reads two rows at most.
 */
export const joinMerchant = (areKnown: ReturnType<typeof statement>) => statement`
  left join lateral (
    select min(source) as merchant_source, min(merchant_id) as merchant_id
    from (
      select n.source, n.merchant_id
      from merchant_names n
      where e.merchant_id is null and e.merchant is not null and (${areKnown})
        and n.tenant_id = e.tenant_id and n.name = e.merchant
      limit 2
    ) named
    having count(*) = 1
  ) m on true`;

/** The merchant of an event `e` that is joined with `m`. */
export const merchantColumns = statement`
  coalesce(e.merchant_id, m.merchant_id) as merchant_id,
  case when e.merchant_id is null then m.merchant_source else e.source end as merchant_source`;

/** True if a merchant of these tenants has an id. The order keeps the planner from a scan of the whole table. */
export const hasMerchantNames = (tenantIds: readonly string[]) => statement`
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

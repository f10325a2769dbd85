/** Counts the profiles that wait to be rebuilt. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/** The count stops here, because the caller only needs to know whether there are many. */
const countedAtMost = 10_000;

/** Reads the tenant's part of the primary key. */
export async function countStaleProfiles(sql: Sql, tenantId: string): Promise<number> {
  const { rows } = await statement<{ count: number }>`
    select count(*)::int as count
    from (select from stale_profiles where tenant_id = ${tenantId} limit ${countedAtMost}) stale`.execute(
    sql,
  );
  return rows[0]?.count ?? 0;
}

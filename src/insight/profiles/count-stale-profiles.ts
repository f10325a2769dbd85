/** How many people's profiles wait to be made anew. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/** Counts no further than this: what is asked for is whether they are many. */
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

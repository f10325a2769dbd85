/** Forgets how often people were interrupted on days that are over wherever they live. */
import type { Sql } from '../runtime/database/database.ts';

/** `before`: a day, `YYYY-MM-DD`. Reads the tenant's part of the primary key, which holds a few days. */
export async function deleteOldInterruptions(sql: Sql, tenantId: string, before: string): Promise<void> {
  await sql
    .deleteFrom('daily_interruptions')
    .where('tenant_id', '=', tenantId)
    .where('day', '<', before)
    .execute();
}

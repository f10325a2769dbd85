/** Deletes the daily quota counts of days that are over in every time zone. */
import type { Sql } from '../runtime/database/database.ts';

/** `before`: a day, `YYYY-MM-DD`. Reads the tenant's part of the primary key, which has a few days. */
export async function deleteOldInterruptions(sql: Sql, tenantId: string, before: string): Promise<void> {
  await sql
    .deleteFrom('daily_interruptions')
    .where('tenant_id', '=', tenantId)
    .where('day', '<', before)
    .execute();
}

/** Deletes anomalies of days whose charges are not read any more. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { firstChargeDay } from '../decide/recurring.ts';

/** `today`: a day that has begun everywhere. Returns the number of rows. Rides on `anomalies_day`. */
export async function deleteOldAnomalies(
  sql: Sql,
  tenantId: string,
  today: string,
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await statement`
    delete from anomalies
    where tenant_id = ${tenantId} and id in (
      select id from anomalies
      where tenant_id = ${tenantId} and day < ${firstChargeDay(today)}
      order by day
      limit ${limit}
    )`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}

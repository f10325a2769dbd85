/** Deletes recurring charges of which no charge is read any more. */
import { sql as statement } from 'kysely';
import { firstChargeDay } from '../decide/recurring.ts';
import type { Sql } from '../../runtime/database/database.ts';

/**
 * A rebuild of the person deletes them too, but somebody who spends nothing is not rebuilt. `today`: a day that has begun
 * everywhere. Returns the number of rows. Rides on `recurring_charges_last_day`.
 */
export async function deleteOldRecurring(
  sql: Sql,
  tenantId: string,
  today: string,
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await statement`
    delete from recurring_charges
    where tenant_id = ${tenantId} and id in (
      select id from recurring_charges
      where tenant_id = ${tenantId} and last_day < ${firstChargeDay(today)}
      order by last_day
      limit ${limit}
    )`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}

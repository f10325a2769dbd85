/** Deletes recurring charges and anomalies of which no charge is read any more. */
import { sql as statement } from 'kysely';
import { firstChargeDay } from '../insight/decide/recurring.ts';
import type { Sql } from '../runtime/database/database.ts';

/** `today`: a day that has begun everywhere. Returns the number of rows. */
type DeleteOld = (sql: Sql, tenantId: string, today: string, limit: number) => Promise<number>;

const deleteBefore =
  (table: string, dayColumn: string): DeleteOld =>
  async (sql, tenantId, today, limit) => {
    const [from, day] = [statement.table(table), statement.ref(dayColumn)];
    const { numAffectedRows } = await statement`
      delete from ${from}
      where tenant_id = ${tenantId} and id in (
        select id from ${from}
        where tenant_id = ${tenantId} and ${day} < ${firstChargeDay(today)}
        order by ${day}
        limit ${limit}
      )`.execute(sql);
    return Number(numAffectedRows ?? 0n);
  };

/** Somebody who spends nothing is not rebuilt, so theirs end here. Rides on `recurring_charges_last_day`. */
export const deleteOldRecurring = deleteBefore('recurring_charges', 'last_day');

/** Rides on `anomalies_day`. */
export const deleteOldAnomalies = deleteBefore('anomalies', 'day');

/** Records the outcome of a message that asked for a confirmation. */
import { sql as statement } from 'kysely';
import type { Database } from '../../runtime/database/database.ts';
import type { ConfirmationRef } from '../../values/refs.ts';
import { type DeliveryRecord, retryAtOf, wasTried } from '../decide/delivery.ts';

/** False, with nothing changed, if this attempt has lost its claim. Primary key. */
export const recordConfirmation = (
  db: Database,
  { tenantId, confirmationId, attempt }: ConfirmationRef & { attempt: number },
  record: DeliveryRecord,
  now: Temporal.Instant,
): Promise<boolean> =>
  db.transaction([tenantId], async (sql) => {
    const retryAt = record.status === 'pending' ? retryAtOf(record, now).toString() : null;
    const { numAffectedRows } = await statement`
      update address_confirmations
      set status = ${record.status}, failure_reason = ${record.reason}, changed_at = ${now.toString()},
        attempts = ${wasTried(record) ? attempt : attempt - 1}, retry_at = ${retryAt}::timestamptz
      where tenant_id = ${tenantId} and id = ${confirmationId} and status = 'sending' and attempts = ${attempt}
      `.execute(sql);
    return numAffectedRows !== 0n;
  });

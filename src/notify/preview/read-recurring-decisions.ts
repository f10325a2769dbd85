/** Reads what a person said of their recurring charges. */
import { sql as statement } from 'kysely';
import type { RecurringDecision } from '../../insight/decide/recurring-identity.ts';
import type { Cadence } from '../../insight/decide/recurring-schedule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { DecidedStream } from '../decide/preview/past-forecasts.ts';

type Row = { merchant_key: string; currency: string; cadence: Cadence; decision: RecurringDecision };

/** Rides on `recurring_charges_user`. */
export async function readRecurringDecisions(
  sql: Sql,
  { tenantId, userId }: PersonRef,
): Promise<DecidedStream[]> {
  const { rows } = await statement<Row>`
    select merchant_key, currency, cadence, decision
    from recurring_charges
    where tenant_id = ${tenantId} and user_id = ${userId} and decision is not null`.execute(sql);
  return rows.map(({ merchant_key: merchantKey, ...row }) => ({ merchantKey, ...row }));
}

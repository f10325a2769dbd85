/** Reads which of the streams that were found are shown to the person as which, and what the person said of them. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { KnownBill } from '../decide/forecast/rule-forecast.ts';
import type { PersonRecurring } from '../recurring/rebuild-recurring.ts';

type Row = { user_id: string; id: string; decision: KnownBill['decision']; last_expense_id: string };

/** Keyed by person. A stream without a row is not known to the person yet. Rides on `recurring_charges_user`. */
export async function readBills(
  sql: Sql,
  tenantId: string,
  recurring: ReadonlyMap<string, PersonRecurring>,
): Promise<Map<string, KnownBill[]>> {
  const people = [...recurring].filter(([, { streams }]) => streams.length > 0).map(([userId]) => userId);
  if (people.length === 0) return new Map();
  const { rows } = await statement<Row>`
    select user_id, id, decision, last_expense_id
    from recurring_charges
    where tenant_id = ${tenantId} and user_id = any(${people}::text[])`.execute(sql);
  const byPerson = Map.groupBy(rows, ({ user_id }) => user_id);
  return new Map([...byPerson].map(([userId, own]) => [userId, billsOf(own, recurring.get(userId))]));
}

function billsOf(rows: readonly Row[], recurring: PersonRecurring | undefined): KnownBill[] {
  const byLast = new Map((recurring?.streams ?? []).map((stream) => [stream.expenseIds.at(-1), stream]));
  return rows.flatMap(({ id, decision, last_expense_id }) => {
    const stream = byLast.get(last_expense_id);
    return stream ? [{ stream, recurringId: id, decision }] : [];
  });
}

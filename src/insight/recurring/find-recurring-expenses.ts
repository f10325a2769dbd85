/** Finds the expenses that belong to recurring charges, apart from a rebuild. */
import { findStreams } from '../decide/recurring.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { AskedDays } from '../spending/read-day-spending.ts';
import { readCharges } from './read-charges.ts';

/** Ids of expenses, of all people asked for. Streams are sought as on `lastDay`. */
export async function findRecurringExpenses(
  sql: Sql,
  tenantId: string,
  asked: readonly AskedDays[],
): Promise<string[]> {
  const charges = await readCharges(sql, tenantId, asked);
  return asked.flatMap(({ userId, lastDay }) =>
    findStreams(charges.get(userId) ?? [], lastDay).flatMap(({ expenseIds }) => expenseIds),
  );
}

/** Reads rows that the API does not show. `sql` is the connection of the database owner. */
import type { Sql } from '../../../src/runtime/database/database.ts';

/** Reads how much counts against a person's daily quota, one number for each local day, oldest first. */
export async function quotaOf(sql: Sql, { userId }: { userId: string }): Promise<number[]> {
  const days = sql.selectFrom('daily_interruptions').select('count').where('user_id', '=', userId);
  return (await days.orderBy('day').execute()).map(({ count }) => count);
}

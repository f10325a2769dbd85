/** Reads the stored digests of a person. */
import { sql as statement } from 'kysely';
import type { SummaryFigures } from '../../../src/insight/decide/summary.ts';
import type { Sql } from '../../../src/runtime/database/database.ts';
import type { Person } from './person.ts';

/** `day` is the local day of the digest. `total` is in minor units, or null for a digest without figures. */
export type Summary = {
  type: string;
  day: string;
  at: string;
  total: string | null;
  figures: SummaryFigures | null;
};

/** Reads digests in the order in which they were made. `sql` is the connection of the database owner. */
export async function summariesOf(sql: Sql, { userId }: Person): Promise<Summary[]> {
  const { rows } = await statement<Omit<Summary, 'total'>>`
    select type, digest_day::text as day, created_at as at, told -> 'figures' as figures
    from notification_history
    where user_id = ${userId} and digest_day is not null
    order by created_at, type`.execute(sql);
  return rows.map((row) => ({
    ...row,
    at: Temporal.Instant.from(row.at).toString(),
    total: row.figures?.totalMinor ?? null,
  }));
}

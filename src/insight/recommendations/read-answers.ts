/** Reads how people answered recommendations, and how many they were given lately. */
import { sql as statement } from 'kysely';
import type { KindAnswers } from '../decide/choice.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** So long a new recommendation counts against the limit of new ones. */
const newDays = 30;

type Row = {
  user_id: string;
  type: string;
  category_id: string;
  accepted: number;
  dismissed: number;
  dismissed_at: string | null;
  made: number;
};

/** Keyed by person. Rides on `smart_recommendations_user`. */
export async function readAnswers(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
  now: Temporal.Instant,
): Promise<Map<string, KindAnswers[]>> {
  const since = now.subtract({ hours: 24 * newDays }).toString();
  const { rows } = await statement<Row>`
    select user_id, type, category_id, count(*) filter (where status = 'accepted')::int as accepted,
      count(*) filter (where status = 'dismissed')::int as dismissed,
      max(decided_at) filter (where status = 'dismissed') as dismissed_at,
      count(*) filter (where created_at > ${since}::timestamptz and expiry_reason is null)::int as made
    from smart_recommendations
    where tenant_id = ${tenantId} and user_id = any(${userIds}::text[])
    group by user_id, type, category_id`.execute(sql);
  const byPerson = Map.groupBy(rows, ({ user_id }) => user_id);
  return new Map([...byPerson].map(([userId, own]) => [userId, own.map(toAnswers)]));
}

const toAnswers = (row: Row): KindAnswers => ({
  type: row.type,
  categoryId: row.category_id,
  accepted: row.accepted,
  dismissed: row.dismissed,
  dismissedAt: row.dismissed_at === null ? null : Temporal.Instant.from(row.dismissed_at),
  made: row.made,
});

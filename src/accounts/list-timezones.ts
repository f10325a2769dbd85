/** Lists the time zones of people who have set their own. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

/** Keyed by person. Rides on the primary key. */
export async function listTimezones(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await statement<{ id: string; timezone: string }>`
    select id, timezone
    from users
    where tenant_id = ${tenantId} and id = any(${userIds}::text[]) and timezone is not null`.execute(sql);
  return new Map(rows.map(({ id, timezone }) => [id, timezone]));
}

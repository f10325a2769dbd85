/** Reads a person's effective time zone: their own, or else their tenant's. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import type { PersonRef } from '../values/refs.ts';

/** Rides on the primary keys. */
export async function readTimezone(sql: Sql, { tenantId, userId }: PersonRef): Promise<string> {
  const { rows } = await statement<{ timezone: string }>`
    select coalesce(u.timezone, t.timezone) as timezone
    from tenants t left join users u on u.tenant_id = t.id and u.id = ${userId}
    where t.id = ${tenantId}`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('no such tenant');
  return row.timezone;
}

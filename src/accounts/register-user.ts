/** Registers a person who is not known yet. A known person is not changed. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

/** False if the tenant does not exist and so nobody was registered. Rides on the primary keys. */
export async function registerUser(
  sql: Sql,
  person: { tenantId: string; userId: string },
  now: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await statement<{ id: string }>`
    with tenant as (select id from tenants where id = ${person.tenantId}),
    registered as (
      insert into users (tenant_id, id, registered_at)
      select id, ${person.userId}, ${now.toString()}::timestamptz from tenant
      on conflict (tenant_id, id) do nothing
    )
    select id from tenant`.execute(sql);
  return rows.length > 0;
}

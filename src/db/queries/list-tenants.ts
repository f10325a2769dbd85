/** Every tenant's id, for jobs that go through them one by one. */
import type { Sql } from '../database.ts';

export async function listTenants(sql: Sql): Promise<string[]> {
  const rows = await sql.selectFrom('tenants').select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}

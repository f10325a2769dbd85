/**
 * Deletes a tenant with everything of it, for good.
 *
 * Its keys go first, so that nothing is accepted any more: processes notice within five seconds. The rows of each table
 * follow in portions, and the tenant's own row last. It takes along what was written meanwhile. A crash leaves the tenant
 * without keys, and the same call goes on. One audit record remains.
 */
import { sql as statement } from 'kysely';
import { deleteAuditOf, recordAudit } from '../accounts/audit-record.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { addDeleted, type Deleted } from './delete-rows.ts';
import { personalTables, tablesOfTenants } from './personal-tables.ts';

const rowsAtATime = 5_000;

const first = ['api_keys', 'webhook_sources', 'event_batches', 'events', 'smart_alert_rules'];

/** Tables with rows of a tenant, in the order in which they are emptied. */
export const tenantTables: readonly string[] = [
  ...new Set([...first, ...Object.keys(personalTables), ...Object.keys(tablesOfTenants)]),
].filter((table) => table !== 'audit_events');

export type TenantSize = { name: string; people: number; expenses: number };

/** Null if the tenant does not exist. */
export async function measureTenant(sql: Sql, tenantId: string): Promise<TenantSize | null> {
  const { rows } = await statement<TenantSize>`
    select name, (select count(*)::int from users where tenant_id = t.id) as people,
      (select count(*)::int from expenses where tenant_id = t.id and user_id is not null) as expenses
    from tenants t where id = ${tenantId}`.execute(sql);
  return rows[0] ?? null;
}

/** Returns the deleted rows by table, without tables that had none. */
export async function deleteTenant(db: Database, tenantId: string, actor: string): Promise<Deleted> {
  let deleted: Deleted = {};
  for (const table of tenantTables)
    for (let rows = rowsAtATime; rows === rowsAtATime; deleted = addDeleted(deleted, { [table]: rows }))
      rows = await db.transaction([tenantId], (sql) => deletePortion(sql, table, tenantId));
  await db.transaction([tenantId], async (sql) => {
    await sql.deleteFrom('tenants').where('id', '=', tenantId).execute();
    await deleteAuditOf(sql, tenantId);
    await recordAudit(sql, { action: 'tenant.deleted', actor, tenantId, subject: tenantId });
  });
  const all = addDeleted(deleted, { tenants: 1 });
  return Object.fromEntries(Object.entries(all).filter(([, rows]) => rows > 0));
}

/** Rides on the primary key of the table, which begins with the tenant. */
async function deletePortion(sql: Sql, table: string, tenantId: string): Promise<number> {
  const { numAffectedRows } = await statement`
    delete from ${statement.table(table)}
    where ctid = any(array(
      select ctid from ${statement.table(table)} where tenant_id = ${tenantId} limit ${rowsAtATime}
    ))`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}

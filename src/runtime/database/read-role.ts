/** Reads the role a connection acts as, and whether row-level security applies to it. */
import { sql as statement } from 'kysely';
import type { Sql } from './database.ts';

/** `isPrivileged`: the role is a superuser, bypasses row-level security or owns the tables. */
export type Role = { name: string; isPrivileged: boolean };

export async function readRole(sql: Sql): Promise<Role> {
  const { rows } = await statement<Role>`
    select r.rolname as name, r.rolsuper or r.rolbypassrls or exists (
      select from pg_class c where c.oid = to_regclass('tenants') and c.relowner = r.oid
    ) as "isPrivileged"
    from pg_roles r
    where r.rolname = current_user`.execute(sql);
  return rows[0] ?? { name: 'nobody', isPrivileged: true };
}

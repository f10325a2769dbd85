/** Lets the role a service connects as act as `spendwatch_service`, which owns no table and so is held by row-level security. */
import { type Client, escapeIdentifier } from 'pg';
import { withReleaseLock } from './release-client.ts';

export const serviceRole = 'spendwatch_service';

const knowsSetOption = `current_setting('server_version_num')::int >= 160000`;

/**
 * What `pg_has_role` is asked, so that it answers whether SET ROLE is allowed: the service acts by that, and need
 * inherit nothing. Before PostgreSQL 16 every member may. https://www.postgresql.org/docs/current/sql-grant.html
 */
export const mayAct = `case when ${knowsSetOption} then 'set' else 'member' end`;

/**
 * As the owner. `schemas` hold tables beside the service's own. Does nothing that was done before; safe to
 * call from several processes at once.
 */
export const admitService = (ownerUrl: string, user: string, schemas: readonly string[]): Promise<void> =>
  withReleaseLock(ownerUrl, async (client) => {
    for (const schema of schemas) await grantSchema(client, escapeIdentifier(schema));
    const { rows } = await client.query<{ isAdmitted: boolean; knowsSetOption: boolean }>(
      `select pg_has_role($1, $2, ${mayAct}) as "isAdmitted", ${knowsSetOption} as "knowsSetOption"`,
      [user, serviceRole],
    );
    const [standing] = rows;
    if (standing?.isAdmitted) return;
    // Said outright: a membership granted before without it would stay as it is.
    const option = standing?.knowsSetOption ? ' with set true' : '';
    await client.query(`grant ${serviceRole} to ${escapeIdentifier(user)}${option}`);
  });

async function grantSchema(client: Client, schema: string): Promise<void> {
  await client.query(`grant usage, create on schema ${schema} to ${serviceRole}`);
  await client.query(
    `grant select, insert, update, delete on all tables in schema ${schema} to ${serviceRole}`,
  );
  await client.query(`grant usage on all sequences in schema ${schema} to ${serviceRole}`);
}

/**
 * Lets the role a service connects as act as `spendwatch_service`. That role owns no table, so row-level security
 * applies to it.
 */
import { type Client, escapeIdentifier } from 'pg';
import { withReleaseLock } from './release-client.ts';

export const serviceRole = 'spendwatch_service';

const knowsSetOption = `current_setting('server_version_num')::int >= 160000`;

/**
 * The privilege to ask `pg_has_role` for: whether SET ROLE is allowed. The service acts by SET ROLE and need not
 * inherit. Before PostgreSQL 16 every member may set it. https://www.postgresql.org/docs/current/sql-grant.html
 */
export const mayAct = `case when ${knowsSetOption} then 'set' else 'member' end`;

/**
 * Grants the rights to `user`, as the owner. `schemas` hold tables beside the service's own. Idempotent, and safe
 * to call from several processes at once.
 */
export const admitService = (ownerUrl: string, user: string, schemas: readonly string[]): Promise<void> =>
  withReleaseLock(ownerUrl, async (client) => {
    for (const schema of schemas) await grantSchema(client, escapeIdentifier(schema));
    const { rows } = await client.query<{ isAdmitted: boolean; knowsSetOption: boolean }>(
      `select pg_has_role($1, $2, ${mayAct}) as "isAdmitted", ${knowsSetOption} as "knowsSetOption"`,
      [user, serviceRole],
    );
    const [membership] = rows;
    if (membership?.isAdmitted) return;
    // The option is explicit, because an earlier membership granted without it would stay as it is.
    const option = membership?.knowsSetOption ? ' with set true' : '';
    await client.query(`grant ${serviceRole} to ${escapeIdentifier(user)}${option}`);
  });

async function grantSchema(client: Client, schema: string): Promise<void> {
  await client.query(`grant usage, create on schema ${schema} to ${serviceRole}`);
  await client.query(
    `grant select, insert, update, delete on all tables in schema ${schema} to ${serviceRole}`,
  );
  await client.query(`grant usage on all sequences in schema ${schema} to ${serviceRole}`);
}

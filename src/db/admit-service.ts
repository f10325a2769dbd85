/** Lets the role a service connects as act as `spendwatch_service`, which owns no table and so is held by row-level security. */
import { Client, escapeIdentifier } from 'pg';
import { migrationLock } from './migrate.ts';

export const serviceRole = 'spendwatch_service';

/**
 * As the owner. `schemas` hold tables beside the service's own. Does nothing that was done before; safe to
 * call from several processes at once.
 */
export async function admitService(
  ownerUrl: string,
  user: string,
  schemas: readonly string[],
): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'spendwatch-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    for (const schema of schemas) await grantSchema(client, escapeIdentifier(schema));
    const { rows } = await client.query<{ isAdmitted: boolean }>(
      `select pg_has_role($1, $2, 'usage') as "isAdmitted"`,
      [user, serviceRole],
    );
    if (!rows[0]?.isAdmitted) await client.query(`grant ${serviceRole} to ${escapeIdentifier(user)}`);
  } finally {
    await client.end();
  }
}

async function grantSchema(client: Client, schema: string): Promise<void> {
  await client.query(`grant usage, create on schema ${schema} to ${serviceRole}`);
  await client.query(
    `grant select, insert, update, delete on all tables in schema ${schema} to ${serviceRole}`,
  );
  await client.query(`grant usage on all sequences in schema ${schema} to ${serviceRole}`);
}

/** The command `spendwatch tenant delete`. */
import type { Command } from 'commander';
import { commandLine } from '../../accounts/audit-record.ts';
import type { Deleted } from '../../privacy/delete-rows.ts';
import { deleteTenant, measureTenant } from '../../privacy/delete-tenant.ts';
import type { Services } from '../../services.ts';
import { CommandError } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noTenant } from '../no-tenant.ts';
import { uuid } from './options.ts';
import { withCaches } from '../with-caches.ts';

type Options = { tenant: string; yes?: boolean; json?: boolean };

export const deleteTenantCommand = (shell: Shell): Command =>
  createCommand({
    name: 'delete',
    description:
      'Delete a tenant with its people, their expenses and everything else, for good. Its keys end first. May be repeated after a crash.',
    prints: 'the number of deleted rows by table; {"tenantId", "deleted": {table: rows}} with --json',
    example: 'npx spendwatch tenant delete --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --yes',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .option('--yes', 'needed, as nothing brings it back')
    .action(async (options: Options) => {
      const deleted = await withServices(shell, (services) => run(services, options));
      const lines = Object.entries(deleted).map(([table, rows]) => `${table}  ${rows}`);
      print(shell, { json: { tenantId: options.tenant, deleted }, text: lines.join('\n') }, options);
    });

async function run(services: Services, { tenant, yes }: Options): Promise<Deleted> {
  const { db } = services;
  const size = await db.transaction([tenant], (sql) => measureTenant(sql, tenant));
  if (!size) throw noTenant(tenant);
  if (!yes)
    throw new CommandError(
      `this would delete ${size.name} with ${size.people} people and ${size.expenses} expenses, for good. Add --yes to do it`,
    );
  const deleted = await deleteTenant(db, tenant, commandLine);
  await withCaches(services, (caches) => caches.eraseTenant(tenant));
  return deleted;
}

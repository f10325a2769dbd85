/** The command `spendwatch user erase`. */
import type { Command } from 'commander';
import { commandLine } from '../../accounts/audit-record.ts';
import { forgetPerson } from '../../http/cached/forget-person.ts';
import type { Deleted } from '../../privacy/delete-rows.ts';
import { erasePerson } from '../../privacy/erase-person.ts';
import type { Services } from '../../services.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noPerson } from '../no-person.ts';
import { identifier, uuid } from './options.ts';
import { withCaches } from '../with-caches.ts';

type Options = { tenant: string; user: string; json?: boolean };

export const erasePersonCommand = (shell: Shell): Command =>
  createCommand({
    name: 'erase',
    description:
      'Delete everything of a person, for good. Their tokens end; a keyed hash of the id stays for 30 days.',
    prints: 'the number of deleted rows by table; {"deleted": {table: rows}} with --json',
    example: 'npx spendwatch user erase --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --user u1',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .requiredOption('--user <id>', 'the person, by the id your events use', identifier)
    .action(async ({ tenant, user, json }: Options) => {
      const person = { tenantId: tenant, userId: user };
      const deleted = await withServices(shell, (services) => erase(services, person));
      if (!deleted) throw noPerson(user);
      const lines = Object.entries(deleted).map(([table, rows]) => `${table}  ${rows}`);
      print(shell, { json: { deleted }, text: lines.join('\n') }, json ? { json } : {});
    });

async function erase(services: Services, person: PersonRef): Promise<Deleted | null> {
  const deleted = await erasePerson(services, person, { actor: commandLine });
  if (deleted) await withCaches(services, (caches) => forgetPerson(services, caches, person));
  return deleted;
}

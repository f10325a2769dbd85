/** The command `spendwatch user export`. */
import type { Command } from 'commander';
import { commandLine, recordAudit } from '../../accounts/audit-record.ts';
import { exportPerson } from '../../privacy/export-person.ts';
import type { Shell } from '../shell.ts';
import { createCommand, withServices } from './command.ts';
import { noPerson } from '../no-person.ts';
import { identifier, uuid } from './options.ts';

type Options = { tenant: string; user: string };

export const exportPersonCommand = (shell: Shell): Command =>
  createCommand({
    name: 'export',
    description: 'Print everything kept of a person, without secrets.',
    prints: 'one JSON document, with or without --json',
    example: 'npx spendwatch user export --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --user u1 > u1.json',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .requiredOption('--user <id>', 'the person, by the id your events use', identifier)
    .action(async ({ tenant, user }: Options) => {
      const person = { tenantId: tenant, userId: user };
      const isKnown = await withServices(shell, async ({ db, clock }) => {
        const write = async (text: string): Promise<void> => shell.output.write(text);
        if (!(await exportPerson(db, person, clock.now(), write))) return false;
        await recordAudit(db.sql, { action: 'person.exported', actor: commandLine, ...person });
        return true;
      });
      if (!isKnown) throw noPerson(user);
    });

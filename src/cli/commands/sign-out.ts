/** The commands `spendwatch user sign-out` and `spendwatch tenant sign-out`. */
import { machineNow } from '../../runtime/clock.ts';
import type { Command } from 'commander';
import { commandLine } from '../../accounts/audit-record.ts';
import { endTokens } from '../../accounts/token-revocations.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noPerson } from '../no-person.ts';
import { noTenant } from '../no-tenant.ts';
import { identifier, uuid } from './options.ts';

type Options = { tenant: string; user?: string; json?: boolean };

const prints =
  'since when tokens issued before are refused; {"tenantId", "userId" or null, "validFrom"} with --json';

export const signOutPersonCommand = (shell: Shell): Command =>
  createCommand({
    name: 'sign-out',
    description: 'End every token that a person has so far. Processes notice within five seconds.',
    prints,
    example: 'npx spendwatch user sign-out --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --user u1',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .requiredOption('--user <id>', 'the person, by the id your events use', identifier)
    .action((options: Options) => signOut(shell, options));

export const signOutTenantCommand = (shell: Shell): Command =>
  createCommand({
    name: 'sign-out',
    description:
      'End every token that the people of a tenant have so far. Processes notice within five seconds. API keys stay.',
    prints,
    example: 'npx spendwatch tenant sign-out --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .action((options: Options) => signOut(shell, options));

async function signOut(shell: Shell, { tenant, user, json }: Options): Promise<void> {
  const now = machineNow();
  const whose = { tenantId: tenant, userId: user ?? null };
  const isEnded = await withServices(shell, ({ db }) => endTokens(db, whose, now, commandLine));
  if (!isEnded) throw user === undefined ? noTenant(tenant) : noPerson(user);
  const validFrom = now.toString();
  const text = `Tokens issued before ${validFrom} are refused: ${user === undefined ? `everybody’s of tenant ${tenant}` : `those of ${JSON.stringify(user)}`}`;
  print(shell, { json: { ...whose, validFrom }, text }, json ? { json } : {});
}

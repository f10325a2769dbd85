/** The command `spendwatch token`: signs a token for a person. */
import { type Command, Option } from 'commander';
import { findTenant } from '../../accounts/tenants.ts';
import type { Services } from '../../services.ts';
import { CommandError } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noTenant } from '../no-tenant.ts';
import { identifier, timeToLive, uuid } from './options.ts';

type TokenOptions = { tenant: string; user: string; role: 'member' | 'admin'; ttl: number; json?: boolean };

export const tokenCommand = (shell: Shell): Command =>
  createCommand({
    name: 'token',
    description: 'Sign a token for a person of a tenant, for trying out /api/smart-alerts.',
    prints: 'the token alone; {"token", "expiresAt"} with --json',
    example: 'npx spendwatch token --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --user u1 --ttl 7d',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .requiredOption('--user <id>', 'the person, by the id your events use', identifier)
    .addOption(
      new Option('--role <role>', 'what the token says they are')
        .choices(['member', 'admin'])
        .default('member'),
    )
    .addOption(
      new Option('--ttl <time>', 'how long it is good for: 15m, 1h, 7d, at most 30d')
        .argParser(timeToLive)
        .default(timeToLive('1h'), '1h'),
    )
    .action(async (options: TokenOptions) => {
      const { token, expiresAt } = await withServices(shell, (services) => sign(services, options));
      print(shell, { json: { token, expiresAt: expiresAt.toString() }, text: token }, options);
    });

async function sign(
  { db, tokens }: Services,
  { tenant, user, role, ttl }: TokenOptions,
): Promise<{ token: string; expiresAt: Temporal.Instant }> {
  if (!(await db.transaction([tenant], (sql) => findTenant(sql, tenant)))) throw noTenant(tenant);
  const signed = await tokens.sign({ tenantId: tenant, userId: user, role, ttlSeconds: ttl });
  if (signed) return signed;
  throw new CommandError('tokens come from the login service behind JWKS_URL: get one there');
}

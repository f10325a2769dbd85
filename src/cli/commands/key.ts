/** `spendwatch key create` and `spendwatch key revoke` */
import { Command, Option } from 'commander';
import { type ApiKeyScope, apiKeyScopes, createApiKey } from '../../db/queries/create-api-key.ts';
import { revokeApiKey } from '../../db/queries/revoke-api-key.ts';
import { CommandError } from '../failure.ts';
import { createCommand, print, withServices } from './command.ts';
import { uuid } from './options.ts';
import { noTenant } from './no-tenant.ts';

export const keyCommand = (): Command =>
  new Command('key')
    .description('The API keys services sign in with.')
    .addCommand(createKeyCommand())
    .addCommand(revokeKeyCommand());

type CreateOptions = { tenant: string; scope: ApiKeyScope; json?: boolean };

const createKeyCommand = (): Command =>
  createCommand({
    name: 'create',
    description: 'Make another API key for a tenant.',
    prints: 'the key, shown once and stored hashed, and its id; {"keyId", "apiKey"} with --json',
    example: 'npx spendwatch key create --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --scope admin',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .addOption(
      new Option('--scope <scope>', 'ingest: post events; admin: also people, categories and tokens')
        .choices(apiKeyScopes)
        .default('ingest'),
    )
    .action(async (options: CreateOptions) => {
      const { tenant, scope } = options;
      const created = await withServices(({ db, clock }) => createApiKey(db.sql, tenant, scope, clock.now()));
      if (!created) throw noTenant(tenant);
      const lines = [
        `API key (${scope})  ${created.apiKey}`,
        'shown this once: only its hash is stored',
        `Key id  ${created.keyId}`,
      ];
      print({ json: created, text: lines.join('\n') }, options);
    });

const revokeKeyCommand = (): Command =>
  createCommand({
    name: 'revoke',
    description: 'Take an API key out of use. Processes notice within five seconds.',
    prints: 'since when it is revoked; {"keyId", "tenantId", "revokedAt"} with --json',
    example: 'npx spendwatch key revoke 01a20366-d557-72d4-9115-206e1bc29d65',
  })
    .argument('<key-id>', 'as `key create` printed it (not the key itself)', uuid)
    .action(async (keyId: string, options: { json?: boolean }) => {
      const revoked = await withServices(({ db, clock }) => revokeApiKey(db.sql, keyId, clock.now()));
      if (!revoked)
        throw new CommandError(`no API key has the id ${keyId}: give the id that "key create" printed`);
      const revokedAt = revoked.revokedAt.toString();
      const text = `Revoked since ${revokedAt}: key ${keyId} of tenant ${revoked.tenantId}`;
      print({ json: { ...revoked, revokedAt }, text }, options);
    });

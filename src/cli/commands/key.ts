/** The commands `spendwatch key create`, `spendwatch key list` and `spendwatch key revoke`. */
import { Command, Option } from 'commander';
import {
  type ApiKeyScope,
  apiKeyScopes,
  createApiKey,
  type ListedApiKey,
  listApiKeys,
  revokeApiKey,
} from '../../accounts/api-keys.ts';
import { findTenant } from '../../accounts/tenants.ts';
import type { Database } from '../../runtime/database/database.ts';
import { CommandError } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { keyId, uuid } from './options.ts';
import { noTenant } from '../no-tenant.ts';

export const keyCommand = (shell: Shell): Command =>
  new Command('key')
    .description('The API keys services sign in with.')
    .addCommand(createKeyCommand(shell))
    .addCommand(listKeysCommand(shell))
    .addCommand(revokeKeyCommand(shell));

type CreateOptions = { tenant: string; scope: ApiKeyScope; json?: boolean };

const createKeyCommand = (shell: Shell): Command =>
  createCommand({
    name: 'create',
    description: 'Make another API key for a tenant.',
    prints:
      'the key, shown once and stored hashed, and its id, as lines a shell can take; {"keyId", "apiKey"} with --json',
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
      const created = await withServices(shell, ({ db, clock }) =>
        db.transaction([tenant], (sql) => createApiKey(sql, tenant, scope, clock.now())),
      );
      if (!created) throw noTenant(tenant);
      const notes = [`An API key (scope ${scope}), shown this once: only its hash is stored.`];
      const lines = [
        `${scope === 'admin' ? 'ADMIN_KEY' : 'KEY'}=${created.apiKey}`,
        `KEY_ID=${created.keyId}`,
      ];
      print(shell, { json: created, text: lines.join('\n'), notes }, options);
    });

const listKeysCommand = (shell: Shell): Command =>
  createCommand({
    name: 'list',
    description: 'Show the API keys of a tenant: their ids, and never the keys.',
    prints: 'a key a line, oldest first; [{"keyId", "scope", "createdAt", "revokedAt" or null}] with --json',
    example: 'npx spendwatch key list --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .action(async ({ tenant, json }: { tenant: string; json?: boolean }) => {
      const keys = (await withServices(shell, ({ db }) => listKeys(db, tenant))).map(viewOf);
      print(shell, { json: keys, text: keys.map(textOf).join('\n') }, json ? { json } : {});
    });

const listKeys = (db: Database, tenantId: string): Promise<ListedApiKey[]> =>
  db.transaction([tenantId], async (sql) => {
    if (!(await findTenant(sql, tenantId))) throw noTenant(tenantId);
    return listApiKeys(sql, tenantId);
  });

type KeyView = { keyId: string; scope: ApiKeyScope; createdAt: string; revokedAt: string | null };

const viewOf = ({ keyId, scope, createdAt, revokedAt }: ListedApiKey): KeyView => ({
  keyId,
  scope,
  createdAt: createdAt.toString(),
  revokedAt: revokedAt?.toString() ?? null,
});

const textOf = ({ keyId, scope, createdAt, revokedAt }: KeyView): string =>
  `${keyId}  ${scope.padEnd('ingest'.length)}  made ${createdAt}${revokedAt === null ? '' : `, revoked ${revokedAt}`}`;

const revokeKeyCommand = (shell: Shell): Command =>
  createCommand({
    name: 'revoke',
    description: 'Take an API key out of use. Processes notice within five seconds.',
    prints: 'since when it is revoked; {"keyId", "tenantId", "revokedAt"} with --json',
    example: 'npx spendwatch key revoke 01a20366-d557-72d4-9115-206e1bc29d65',
  })
    .argument('<key-id>', 'as `key list` shows it (not the key itself)', keyId)
    .action(async (keyId: string, options: { json?: boolean }) => {
      const revoked = await withServices(shell, ({ db, clock }) => revokeApiKey(db, keyId, clock.now()));
      if (!revoked) throw new CommandError(`no API key has the id ${keyId}: see "key list"`);
      const revokedAt = revoked.revokedAt.toString();
      const text = `Revoked since ${revokedAt}: key ${keyId} of tenant ${revoked.tenantId}`;
      print(shell, { json: { ...revoked, revokedAt }, text }, options);
    });

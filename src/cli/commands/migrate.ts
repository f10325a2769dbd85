/** The command `spendwatch migrate`: migrates the database to this version. */
import type { Command } from 'commander';
import { readConfig } from '../../runtime/config/config.ts';
import { joinEmbeddedPostgres } from '../../runtime/database/embedded/join.ts';
import { migrate } from '../../runtime/migrate.ts';
import type { Shell } from '../shell.ts';
import { createCommand, createCommandLog, print } from './command.ts';

export const migrateCommand = (shell: Shell): Command =>
  createCommand({
    name: 'migrate',
    description: 'Bring the database up to date. Run it with each new version, before its processes start.',
    prints: 'the migrations it applied, or that there was nothing to do; {"applied": […]} with --json',
    example: 'MIGRATION_DATABASE_URL=postgres://owner:secret@db/spendwatch npx spendwatch migrate',
  }).action(async (options: { json?: boolean }) => {
    const applied = await migrateConfigured(shell);
    print(shell, { json: { applied }, text: textOf(applied) }, options);
  });

async function migrateConfigured(shell: Shell): Promise<string[]> {
  const { migrationDatabaseUrl, databaseUrl, dataDir } = readConfig(shell.env);
  if (migrationDatabaseUrl) return migrate(migrationDatabaseUrl, databaseUrl ?? migrationDatabaseUrl);
  const { url, serviceUrl, release } = await joinEmbeddedPostgres({ dataDir, log: createCommandLog(shell) });
  try {
    return await migrate(url, serviceUrl);
  } finally {
    await release();
  }
}

const textOf = (applied: readonly string[]): string =>
  applied.length === 0
    ? 'Nothing to do: the database is up to date.'
    : ['Applied:', ...applied.map((name) => `  ${name}`)].join('\n');

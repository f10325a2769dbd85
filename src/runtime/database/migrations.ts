/** Migrates the service's tables to this version. The queues' schema is made by `runtime/queues/postgres.ts`. */
import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import type { Client } from 'pg';
import { migrations } from '../../../migrations/index.ts';
import { mayAct, serviceRole } from './admit-service.ts';
import { entities } from './entities/index.ts';
import { withReleaseClient, withReleaseLock } from './release-client.ts';

const migrationsTable = 'schema_migrations';

const openMigrator = (url: string) =>
  MikroORM.init({
    entities: [...entities],
    clientUrl: url,
    extensions: [Migrator],
    migrations: { migrationsList: migrations, tableName: migrationsTable, snapshot: false },
    logger: () => undefined,
    colors: false,
  });

/** Applies the pending migrations and returns their names. Safe to call from several processes at once. */
export const migrateUp = (url: string): Promise<string[]> =>
  withReleaseLock(url, async () => {
    const applied = await withMigrator(url, (orm) => orm.migrator.up());
    return applied.map((migration) => migration.name);
  });

/** Reverts every migration after `last`. Without `last` it reverts all, and only BullMQ's schema remains. */
export async function migrateDown(url: string, last?: string): Promise<void> {
  await withMigrator(url, (orm) => orm.migrator.down({ to: last ?? 0 }));
}

/** The names of the migrations that the database lacks. Read-only. */
export const pendingMigrations = (url: string): Promise<string[]> =>
  withReleaseClient(url, async (client) => {
    await actToRead(client);
    const { rows } = await client.query<{ exists: boolean }>(
      `select to_regclass('${migrationsTable}') is not null as exists`,
    );
    const applied = rows[0]?.exists
      ? await client.query(`select name from ${migrationsTable}`)
      : { rows: [] };
    const names = new Set(applied.rows.map((row: { name: string }) => row.name));
    return migrations.map((migration) => migration.name).filter((name) => !names.has(name));
  });

/** A login that inherits nothing sets the service's role, as the service does, to read the migrations table. */
async function actToRead(client: Client): Promise<void> {
  await client.query(
    `select set_config('role', rolname, false)
     from pg_roles
     where rolname = $1 and pg_has_role(current_user, oid, ${mayAct})
       and not coalesce(has_table_privilege(to_regclass('${migrationsTable}'), 'select'), false)`,
    [serviceRole],
  );
}

/** The SQL that would bring the database to the entities; empty when they agree. */
export const schemaDifference = (url: string): Promise<string> =>
  withMigrator(url, (orm) => orm.schema.getUpdateSchemaSQL({ wrap: false, schema: 'public' }));

async function withMigrator<T>(
  url: string,
  work: (orm: Awaited<ReturnType<typeof openMigrator>>) => Promise<T>,
): Promise<T> {
  const orm = await openMigrator(url);
  try {
    return await work(orm);
  } finally {
    await orm.close();
  }
}

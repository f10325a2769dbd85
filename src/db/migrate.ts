/** Brings a database's tables to the shape this version needs. The queues' schema is `queue`'s to make. */
import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { Client } from 'pg';
import { migrations } from '../../migrations/index.ts';
import { entities } from './entities/index.ts';

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

/** Held while migrating, so that processes starting together migrate once. The number is arbitrary. */
export const migrationLock = 5_077_249;

/** Runs what is pending and answers its names; safe to call from several processes at once. */
export async function migrateUp(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url, application_name: 'spendwatch-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const applied = await withMigrator(url, (orm) => orm.migrator.up());
    return applied.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

/** Takes every migration back: an empty schema but for BullMQ's. */
export async function migrateDown(url: string): Promise<void> {
  await withMigrator(url, (orm) => orm.migrator.down({ to: 0 }));
}

/** The names of migrations this version has and the database lacks. Changes nothing. */
export async function pendingMigrations(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url, application_name: 'spendwatch-migrate' });
  await client.connect();
  try {
    const { rows } = await client.query<{ exists: boolean }>(
      `select to_regclass('${migrationsTable}') is not null as exists`,
    );
    const applied = rows[0]?.exists
      ? await client.query(`select name from ${migrationsTable}`)
      : { rows: [] };
    const names = new Set(applied.rows.map((row: { name: string }) => row.name));
    return migrations.map((migration) => migration.name).filter((name) => !names.has(name));
  } finally {
    await client.end();
  }
}

/** What would have to change for the database to match the entities; empty when they agree. */
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

/** Brings a database's tables to the shape this version needs. The queues' schema is `queue`'s to make. */
import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { Client } from 'pg';
import { migrations } from '../../migrations/index.ts';
import { entities } from './entities/index.ts';

const openMigrator = (url: string) =>
  MikroORM.init({
    entities: [...entities],
    clientUrl: url,
    extensions: [Migrator],
    migrations: { migrationsList: migrations, tableName: 'schema_migrations', snapshot: false },
    logger: () => undefined,
    colors: false,
  });

/** Held while migrating, so that processes starting together migrate once. The number is arbitrary. */
const migrationLock = 5_077_249;

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

/** The names of migrations this version has and the database lacks. */
export async function pendingMigrations(url: string): Promise<string[]> {
  const pending = await withMigrator(url, (orm) => orm.migrator.getPending());
  return pending.map((migration) => migration.name);
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

/** Brings a database to the shape this version needs: the service's tables and the queues' schema. */
import { migrateUp, pendingMigrations } from './db/migrate.ts';
import { migrateQueues } from './queue/postgres.ts';

/** Answers the migrations it applied. Safe to call from several processes at once. */
export async function migrate(url: string): Promise<string[]> {
  const applied = await migrateUp(url);
  await migrateQueues(url);
  return applied;
}

/** Throws, saying what to do, where migrations are pending. */
export async function assertMigrated(url: string): Promise<void> {
  const pending = await pendingMigrations(url);
  if (pending.length > 0)
    throw new Error(`the database lacks ${pending.length} migrations: run "npx spendwatch migrate" first`);
}

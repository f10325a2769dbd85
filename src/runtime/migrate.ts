/**
 * Migrates a database to this version: the service's tables, the queues' schema and the rights of the service's
 * role. Processes that start meanwhile wait for it.
 */
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { SettingError } from './config/config.ts';
import { isAdmitted } from './database/admission.ts';
import { admitService } from './database/admit-service.ts';
import { sqlState } from './database/sql-state.ts';
import { migrateUp, pendingMigrations } from './database/migrations.ts';
import { withReleaseClient } from './database/release-client.ts';
import type { Log } from './log.ts';
import { migrateQueues, queueSchema } from './queues/postgres.ts';

/**
 * Returns the names of the migrations it applied. `url` connects as the owner; the role of `serviceUrl` gets the
 * service's rights. Safe to call from several processes at once.
 */
export async function migrate(url: string, serviceUrl: string = url): Promise<string[]> {
  const applied = await migrateUp(url);
  await withReleaseClient(url, migrateQueues);
  await admitService(url, userOf(serviceUrl), [queueSchema]);
  return applied;
}

/** The user in the URL or else, as in PostgreSQL's own programs, the user of this process. */
const userOf = (url: string): string => decodeURIComponent(new URL(url).username) || userInfo().username;

const insufficientPrivilege = '42501';

/** Names the work left for `migrate` before the role of `url` can serve; null if nothing is missing. */
export async function findLack(url: string): Promise<string | null> {
  try {
    const pending = await pendingMigrations(url);
    if (pending.length > 0) return `${pending.length} migrations`;
    return (await isAdmitted(url, [queueSchema])) ? null : 'the rights of the role that DATABASE_URL names';
  } catch (error) {
    // A role without any right may not even read the migrations table.
    if (sqlState(error) === insufficientPrivilege) return 'the rights of the role that DATABASE_URL names';
    throw error;
  }
}

const lookEveryMs = 500;

/**
 * Resolves when the database is migrated to this version. After `patienceMs` it throws an error with the remedy;
 * with 0 it checks once.
 */
export async function waitForMigrations(url: string, patienceMs: number, log: Log): Promise<void> {
  const startedAt = performance.now();
  for (let tried = 1; ; tried += 1) {
    const lack = await findLack(url);
    if (lack === null) return;
    if (performance.now() - startedAt >= patienceMs)
      throw new SettingError(`the database lacks ${lack}: run "npx spendwatch migrate" first`);
    if (tried === 1) log.info({ lack, patienceMs }, 'waiting for migrations');
    await delay(lookEveryMs);
  }
}

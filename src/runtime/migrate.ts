/**
 * Brings a database to the shape this version needs: the service's tables, the queues' schema, the rights of
 * the service's role. Processes that start beside it wait until it is.
 */
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { SettingError } from './config/config.ts';
import { isAdmitted } from './database/admission.ts';
import { admitService } from './database/admit-service.ts';
import { sqlState } from './database/database.ts';
import { migrateUp, pendingMigrations } from './database/migrations.ts';
import { withReleaseClient } from './database/release-client.ts';
import type { Log } from './log.ts';
import { migrateQueues, queueSchema } from './queues/postgres.ts';

/**
 * Answers the migrations it applied. `url` is the owner's; the role of `serviceUrl` may then do what the
 * service does. Safe to call from several processes at once.
 */
export async function migrate(url: string, serviceUrl: string = url): Promise<string[]> {
  const applied = await migrateUp(url);
  await withReleaseClient(url, migrateQueues);
  await admitService(url, userOf(serviceUrl), [queueSchema]);
  return applied;
}

/** As PostgreSQL's own programs do, the name of who runs this where the address names nobody. */
const userOf = (url: string): string => decodeURIComponent(new URL(url).username) || userInfo().username;

const insufficientPrivilege = '42501';

/** What `migrate` has still to bring, before the role of `url` can serve; null where nothing is missing. */
export async function findLack(url: string): Promise<string | null> {
  try {
    const pending = await pendingMigrations(url);
    if (pending.length > 0) return `${pending.length} migrations`;
    return (await isAdmitted(url, [queueSchema])) ? null : 'the rights of the role that DATABASE_URL names';
  } catch (error) {
    // Before the role has any right, it may not even look.
    if (sqlState(error) === insufficientPrivilege) return 'the rights of the role that DATABASE_URL names';
    throw error;
  }
}

const lookEveryMs = 500;

/**
 * Resolves when the database is as this version needs it. Throws, saying what to do, where it is not within
 * `patienceMs`: at once with 0.
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

/** Credentials that the demo keeps between runs, in files beside its database that only their owner can read. */
import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDataFolder } from '../runtime/config/data-folder.ts';
import type { Database } from '../runtime/database/database.ts';
import { createApiKey } from '../accounts/api-keys.ts';
import { createTenant, findTenant, type TenantDraft } from '../accounts/tenants.ts';
import type { Services } from '../services.ts';

export type DemoTenant = { tenantId: string; ingestKey: string; adminKey: string };

const fileName = 'demo-tenant.json';

/** Returns the tenant of an earlier run, or makes one. */
export async function openTenant(
  { db, clock, config }: Services,
  draft: Omit<TenantDraft, 'benchmarks'>,
): Promise<DemoTenant> {
  const file = path.join(config.dataDir, fileName);
  const known = await readTenant(file);
  if (known && (await isThere(db, known.tenantId))) return known;
  const now = clock.now();
  const { tenantId, apiKey } = await createTenant(db, { ...draft, benchmarks: 'opt-out' }, now);
  const admin = await db.transaction([tenantId], (sql) => createApiKey(sql, tenantId, 'admin', now));
  if (!admin) throw new Error('the demo’s tenant vanished while it was being made');
  const tenant = { tenantId, ingestKey: apiKey, adminKey: admin.apiKey };
  await writePrivate(file, JSON.stringify(tenant));
  return tenant;
}

const isThere = (db: Database, tenantId: string): Promise<boolean> =>
  db.transaction([tenantId], (sql) => findTenant(sql, tenantId));

/** Null if there is no file, or a half-written one. */
async function readTenant(file: string): Promise<DemoTenant | null> {
  try {
    // Only this module writes the file.
    return JSON.parse(await readFile(file, 'utf8')) as DemoTenant;
  } catch {
    return null;
  }
}

/** The password for Bull Board, made at the first run. */
export const openOperatorPassword = (dataDir: string): Promise<string> =>
  openRandomText(dataDir, 'operator-password');

/**
 * The first part of the queues' keys on Redis. It is kept with the database. So a new database does not meet finished
 * jobs of an older one under its own ids.
 */
export const openQueuePrefix = async (dataDir: string): Promise<string> =>
  `spendwatch-demo-${await openRandomText(dataDir, 'queue-prefix')}`;

/** Returns the content of the file, a random text made at the first run. */
async function openRandomText(dataDir: string, name: string): Promise<string> {
  const file = path.join(dataDir, name);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.length > 0) return known;
  const made = randomBytes(12).toString('base64url');
  await makeDataFolder(dataDir);
  await writePrivate(file, made);
  return made;
}

async function writePrivate(file: string, content: string): Promise<void> {
  await writeFile(file, content, { mode: 0o600 });
  await chmod(file, 0o600);
}

/** Checks the database as the service uses it: the server, its clock, the migrations, the role and the work in it. */
import { systemClock } from '../../runtime/clock.ts';
import type { Config } from '../../runtime/config/config.ts';
import { Database } from '../../runtime/database/database.ts';
import { serviceRole } from '../../runtime/database/admit-service.ts';
import { inspectServer, type Server } from '../../runtime/database/inspect-server.ts';
import { readRole } from '../../runtime/database/read-role.ts';
import { createLog } from '../../runtime/log.ts';
import { findLack } from '../../runtime/migrate.ts';
import { openBackend, type Stores } from '../../runtime/queues/open-backend.ts';
import { queueSchema } from '../../runtime/queues/postgres.ts';
import { type Check, check, fail, ok, shownUrl, type Verdict, warn } from './check.ts';
import { queuesCheck } from './check-queues.ts';
import { checkWork } from './check-work.ts';

const oldestMajor = 15;
const connectFix = 'start PostgreSQL, or let DATABASE_URL name where it runs and who may sign in';
const migrate = 'run "npx spendwatch migrate" (with MIGRATION_DATABASE_URL, where the owner is another role)';

export async function checkDatabase(url: string, config: Config): Promise<Check[]> {
  const seen: { server?: Server } = {};
  const machine = systemClock();
  const reached = await check('database', connectFix, async () => {
    seen.server = await inspectServer(url, queueSchema, () => machine.now().epochMilliseconds);
    return versionVerdict(seen.server, url);
  });
  const { server } = seen;
  if (!server) return [reached];
  const own = [
    await check('database clock', 'look at NTP on both machines', () => clockVerdict(server)),
    await check('migrations', migrate, () => migrationsVerdict(url)),
  ];
  const isMigrated = own.every(({ name, status }) => name !== 'migrations' || status === 'ok');
  return [reached, ...own, ...(isMigrated ? await checkInside(url, server, config) : [])];
}

function versionVerdict({ version, major }: Server, url: string): Verdict {
  const seen = `PostgreSQL ${version} at ${shownUrl(url)}`;
  return major >= oldestMajor ? ok(seen) : fail(seen, `use PostgreSQL ${oldestMajor} or later`);
}

const noticeMs = 2_000;
const intolerableMs = 60_000;

function clockVerdict({ skewMs, roundTripMs }: Server): Verdict {
  const apartMs = Math.max(0, Math.abs(skewMs) - roundTripMs / 2);
  const seen = `${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  const fix = 'set both machines by NTP: processes on different machines agree on slots and times';
  if (apartMs > intolerableMs) return fail(seen, fix);
  return apartMs > noticeMs ? warn(seen, fix) : ok(seen);
}

async function migrationsVerdict(url: string): Promise<Verdict> {
  const lack = await findLack(url);
  return lack === null ? ok('up to date') : fail(`the database lacks ${lack}`, migrate);
}

/** The checks that need a connection as the service's own role. */
async function checkInside(url: string, server: Server, config: Config): Promise<Check[]> {
  const db = await Database.open({ url, log: createLog('silent'), poolSize: 2 });
  try {
    return [
      await check('database role', migrate, () => roleVerdict(db, server)),
      ...(config.redisUrl === null
        ? [queueSchemaCheck(server), await queuesCheck(openBackend(storesOf(url), createLog('silent')))]
        : []),
      ...(await checkWork(db)),
    ];
  } finally {
    // Not awaited, because closing would wait for a server that hangs.
    void db.close().catch(() => undefined);
  }
}

const storesOf = (url: string): Stores => ({ database: { url, role: serviceRole }, redis: null });

async function roleVerdict(db: Database, { login, isPrivileged }: Server): Promise<Verdict> {
  const acts = await readRole(db.sql);
  const seen = `signs in as ${login}, acts as ${acts.name}`;
  if (acts.isPrivileged)
    return fail(
      `${seen}, for whom tenants are not kept apart`,
      'connect as a role that owns no table, or let the pooler pass on the start-up parameter "options"',
    );
  if (acts.name !== serviceRole)
    return fail(`${seen}, not as ${serviceRole}`, 'let the pooler pass on the start-up parameter "options"');
  await db.ping();
  if (isPrivileged)
    return warn(
      `${seen}; ${login} is the owner or a superuser`,
      'give DATABASE_URL a role of its own, the owner belongs into MIGRATION_DATABASE_URL',
    );
  return ok(seen);
}

const queueSchemaCheck = ({ tables }: Server): Check => ({
  name: 'queue schema',
  ...(tables > 0 ? ok(`${tables} tables in schema ${queueSchema}`) : fail('has no tables', migrate)),
});

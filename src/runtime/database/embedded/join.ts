// A real PostgreSQL out of npm, shared by every process that joins its folder: the first starts it, the last one out
// stops it, and whoever crashes in between is not counted. The caller owns the folder and calls `release()`.
import { createHash } from 'node:crypto';
import { realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeDataFolder } from '../../config/data-folder.ts';
import { isThere } from './files.ts';
import { readPassword, SERVICE_LOGIN } from './cluster.ts';
import { ensureDatabase, ensureLogin, urlOf } from './connect.ts';
import { withLock } from './lock.ts';
import type { RunAs } from './run-as.ts';
import { findServer, stopServer } from './server.ts';
import { findOrStart, type ServerHome } from './start-server.ts';
import { countUsers, enlist } from './users.ts';

type Log = { info(obj: object, msg: string): void; warn(obj: object, msg: string): void };
/** `url` is the owner's, `serviceUrl` one of a role that owns nothing. */
export type EmbeddedPostgres = { url: string; serviceUrl: string; release(): Promise<void> };

/** `settings` are PostgreSQL's own and hold if this call starts the server; `database` is made when missing. */
export type JoinOptions = {
  dataDir: string;
  database?: string;
  settings?: Record<string, string>;
  log?: Log;
};

// Longer than a stop by force, and than making the database on a slow disk.
const LOCK_MS = 180_000;

/**
 * Joins the server of `dataDir`, starting (and first making) it when none runs.
 * `runAs` forces how root starts it; leave it out.
 */
export async function joinEmbeddedPostgres(options: JoinOptions, runAs?: RunAs): Promise<EmbeddedPostgres> {
  const dataDir = await makeFolder(options.dataDir);
  return locked(dataDir, async () => {
    const place = { dataDir, marker: markerOf(dataDir), password: await readPassword(dataDir) };
    const seat = await enlist(usersOf(dataDir));
    try {
      return await join(place, seat, options, runAs);
    } catch (error) {
      await leave(place, seat, options.log);
      throw error;
    }
  });
}

async function join(
  place: ServerHome,
  seat: string,
  options: JoinOptions,
  runAs: RunAs | undefined,
): Promise<EmbeddedPostgres> {
  const { database = 'spendwatch', settings = {}, log } = options;
  const server = await findOrStart(place, { settings, runAs });
  const door = { port: server.port, password: place.password };
  await ensureDatabase(door, database);
  await ensureLogin(door, SERVICE_LOGIN);
  const { dataDir } = place;
  log?.info(
    { port: server.port, serverPid: server.process.pid, dataDir, isStartedHere: server.startedBy === 'us' },
    'joined the embedded PostgreSQL',
  );
  let left: Promise<void> | undefined;
  const release = (): Promise<void> => (left ??= locked(dataDir, () => leave(place, seat, log)));
  return { url: urlOf(door, database), serviceUrl: urlOf(door, database, SERVICE_LOGIN), release };
}

/** Whether joining `dataDir` would find a database there, or begin an empty one. */
export async function hasDatabase(dataDir: string): Promise<boolean> {
  const [here, apart] = await Promise.all(
    ['postgres', 'moved-to'].map((name) => isThere(path.join(dataDir, name))),
  );
  return here === true || apart === true;
}

/** The caller holds the lock. */
async function leave({ dataDir, marker }: ServerHome, seat: string, log?: Log): Promise<void> {
  await rm(seat, { force: true });
  if ((await countUsers(usersOf(dataDir))) > 0) return;
  const server = await findServer(marker);
  if (server === undefined) return;
  const how = await stopServer(server, marker);
  if (how === 'fast') log?.info({ dataDir }, 'stopped the embedded PostgreSQL');
  else
    log?.warn(
      { dataDir, how },
      'the embedded PostgreSQL did not stop in time, it will recover at its next start',
    );
}

async function locked<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  return withLock(path.join(dataDir, 'lock'), LOCK_MS, work);
}

async function makeFolder(dataDir: string): Promise<string> {
  await makeDataFolder(dataDir);
  return realpath(dataDir);
}

function usersOf(dataDir: string): string {
  return path.join(dataDir, 'users');
}

/** One server per folder, so the folder names it. */
function markerOf(dataDir: string): string {
  return `spendwatch-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
}

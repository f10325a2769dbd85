// A real PostgreSQL from npm, shared by every process that joins its folder. The first starts it and the last to leave
// stops it; crashed processes are not counted. The caller owns the folder and calls `release()`.
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
/** `url` connects as the owner, `serviceUrl` as a role that owns nothing. */
export type EmbeddedPostgres = { url: string; serviceUrl: string; release(): Promise<void> };

/** `settings` are PostgreSQL's and apply if this call starts the server. `database` is made if it is missing. */
export type JoinOptions = {
  dataDir: string;
  database?: string;
  settings?: Record<string, string>;
  log?: Log;
};

// Longer than a forced stop, and longer than making the database on a slow disk.
const LOCK_MS = 180_000;

/**
 * Joins the server of `dataDir`, and makes and starts it if none runs.
 * `runAs` is for tests: it forces how root starts the server.
 */
export async function joinEmbeddedPostgres(options: JoinOptions, runAs?: RunAs): Promise<EmbeddedPostgres> {
  const dataDir = await makeFolder(options.dataDir);
  return locked(dataDir, async () => {
    const place = { dataDir, marker: markerOf(dataDir), password: await readPassword(dataDir) };
    const userFile = await enlist(usersOf(dataDir));
    try {
      return await join(place, userFile, options, runAs);
    } catch (error) {
      await leave(place, userFile, options.log);
      throw error;
    }
  });
}

async function join(
  place: ServerHome,
  userFile: string,
  options: JoinOptions,
  runAs: RunAs | undefined,
): Promise<EmbeddedPostgres> {
  const { database = 'spendwatch', settings = {}, log } = options;
  const server = await findOrStart(place, { settings, runAs });
  const access = { port: server.port, password: place.password };
  await ensureDatabase(access, database);
  await ensureLogin(access, SERVICE_LOGIN);
  const { dataDir } = place;
  log?.info(
    { port: server.port, serverPid: server.process.pid, dataDir, isStartedHere: server.startedBy === 'us' },
    'joined the embedded PostgreSQL',
  );
  let left: Promise<void> | undefined;
  const release = (): Promise<void> => (left ??= locked(dataDir, () => leave(place, userFile, log)));
  return { url: urlOf(access, database), serviceUrl: urlOf(access, database, SERVICE_LOGIN), release };
}

/** True if `dataDir` has a database already; joining would otherwise make an empty one. */
export async function hasDatabase(dataDir: string): Promise<boolean> {
  const [here, apart] = await Promise.all(
    ['postgres', 'moved-to'].map((name) => isThere(path.join(dataDir, name))),
  );
  return here === true || apart === true;
}

/** The caller holds the lock. */
async function leave({ dataDir, marker }: ServerHome, userFile: string, log?: Log): Promise<void> {
  await rm(userFile, { force: true });
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

/** There is one server per folder, so the folder's path identifies it. */
function markerOf(dataDir: string): string {
  return `spendwatch-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
}

// The data directory. It is made once, completely or not at all, and opened only by the major version that made it.
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Binaries } from './binaries.ts';
import { isThere, readIfThere, writeWhole } from './files.ts';
import { giveTo } from './home.ts';
import { runThrough, type Runner } from './run-as.ts';

export const SUPERUSER = 'spendwatch';
/** The role that the service connects as. */
export const SERVICE_LOGIN = 'spendwatch_app';

const HALF_MADE = 'postgres.making-';

type Making = { home: string; binaries: Binaries; runner: Runner; password: string };

export async function readPassword(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'password');
  const kept = (await readIfThere(file))?.trim();
  if (kept) return kept;
  const password = randomBytes(24).toString('base64url');
  await writeWhole(file, password);
  return password;
}

/** Makes the data directory if there is none, gives it to its owner and returns its path. */
export async function ensureCluster(making: Making): Promise<string> {
  const data = path.join(making.home, 'postgres');
  const version = (await readIfThere(path.join(data, 'PG_VERSION')))?.trim();
  if (version === undefined) await makeCluster(data, making);
  else if (version !== making.binaries.major)
    throw new Error(otherVersion(data, version, making.binaries.major));
  await giveTo(making.runner.owner, data);
  return data;
}

async function makeCluster(data: string, making: Making): Promise<void> {
  if (await isThere(data))
    throw new Error(`${data} exists and is no PostgreSQL data directory: move it away`);
  await removeHalfMade(making.home);
  // A new folder each time: an initdb from a killed process may still be writing to the last one.
  const folder = await mkdtemp(path.join(making.home, HALF_MADE));
  await writeFile(path.join(folder, 'password'), making.password, { mode: 0o600 });
  await initialise(folder, making);
  await rename(path.join(folder, 'data'), data);
  await removeHalfMade(making.home);
}

async function removeHalfMade(home: string): Promise<void> {
  const halves = (await readdir(home)).filter((name) => name.startsWith(HALF_MADE));
  for (const name of halves) await rm(path.join(home, name), { recursive: true, force: true, maxRetries: 5 });
}

async function initialise(folder: string, { binaries, runner }: Making): Promise<void> {
  const { owner } = runner;
  if (owner) await chown(path.join(folder, 'password'), owner.uid, owner.gid);
  if (owner) await chown(folder, owner.uid, owner.gid);
  await runThrough(runner, binaries.initdb, initdbArgs(folder)).catch((cause: unknown) => {
    throw new Error(`initdb could not make a database in ${folder}: ${String(cause)}`, { cause });
  });
}

function initdbArgs(folder: string): string[] {
  const files = [`--pgdata=${path.join(folder, 'data')}`, `--pwfile=${path.join(folder, 'password')}`];
  const access = [`--username=${SUPERUSER}`, '--auth=scram-sha-256'];
  const language = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return [...files, ...access, ...language, '--no-instructions'];
}

function otherVersion(data: string, version: string, major: string): string {
  return `${data} was made by PostgreSQL ${version}, this is PostgreSQL ${major}: dump it with the old version (pg_dumpall) and load it into a new one, or move ${data} away to begin with an empty database`;
}

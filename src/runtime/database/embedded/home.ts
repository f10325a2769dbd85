// The folder of the server's files, and their owner. The folder is `dataDir`. If the server's user may not enter it,
// it is a folder elsewhere, which the file `dataDir`/moved-to names from then on.
import { chmod, chown, cp, lstat, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isThere, readIfThere, writeWhole } from './files.ts';
import { canEnter, type Owner, type Runner } from './run-as.ts';
import { hasCode } from '../../error-code.ts';

// /var/tmp comes last: systemd removes files there that are unused for 30 days.
const PARENTS = ['/var/lib', '/var/tmp'];

export async function prepareHome(dataDir: string, marker: string, runner: Runner): Promise<string> {
  const note = path.join(dataDir, 'moved-to');
  const noted = (await readIfThere(note))?.trim();
  if (!noted && (await canEnter(runner, dataDir))) return dataDir;
  const home = noted ? await stillThere(noted, note) : await makeApart(marker, runner);
  // The note is written first, so that a crash in the middle of the move can be continued.
  if (!noted) await writeWhole(note, `${home}\n`);
  await moveData(dataDir, home);
  return home;
}

/** Gives everything under `folder` to `owner`. `folder` itself comes last: its owner says whether all is done. */
export async function giveTo(owner: Owner | undefined, folder: string): Promise<void> {
  const { uid } = await lstat(folder);
  if (owner === undefined || uid === owner.uid) return;
  if (process.getuid?.() !== 0) throw new Error(foreign(folder, uid, owner.uid));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) await chown(file, owner.uid, owner.gid);
  }
  await chown(folder, owner.uid, owner.gid);
}

function foreign(folder: string, uid: number, wanted: number): string {
  return `${folder} belongs to uid ${uid}, this process runs as ${wanted}: run it as that user, or give it the folder (chown -R ${wanted} ${folder})`;
}

async function stillThere(home: string, note: string): Promise<string> {
  if (await isThere(home)) return home;
  throw new Error(
    `The database was kept in ${home}, as ${note} says, and that folder is gone: bring it back, or remove ${note} to begin with an empty database`,
  );
}

async function makeApart(marker: string, runner: Runner): Promise<string> {
  const refusals: unknown[] = [];
  for (const parent of PARENTS) {
    try {
      return await makeIn(parent, marker, runner);
    } catch (error) {
      refusals.push(error);
    }
  }
  throw new AggregateError(
    refusals,
    `Found no folder for the database that its user (${runner.as}) may enter, tried ${PARENTS.join(', ')}`,
  );
}

/** The name is unpredictable: in /var/tmp another user might have made a foreseeable one first. */
async function makeIn(parent: string, marker: string, runner: Runner): Promise<string> {
  const home = await mkdtemp(path.join(parent, `${marker}-`));
  await chmod(home, 0o711);
  if (await canEnter(runner, home)) return home;
  await rm(home, { recursive: true });
  throw new Error(`${parent} cannot be entered`);
}

async function moveData(dataDir: string, home: string): Promise<void> {
  const [from, to] = [path.join(dataDir, 'postgres'), path.join(home, 'postgres')];
  if (from === to || (await isThere(to)) || !(await isThere(from))) return;
  try {
    await rename(from, to);
  } catch (error) {
    if (!hasCode(error, 'EXDEV')) throw error;
    await copyData(from, to);
  }
}

/** Copies across file systems. The original stays under another name, because the copy is not flushed to disk yet. */
async function copyData(from: string, to: string): Promise<void> {
  await rm(`${to}.copying`, { recursive: true, force: true });
  await cp(from, `${to}.copying`, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  await rename(`${to}.copying`, to);
  await rename(from, `${from}.moved`);
}

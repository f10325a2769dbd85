/** The folder that DATA_DIR names: made where it is missing, refused in words where that cannot be. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { SettingError } from './config.ts';

/** Makes it with the folders above it. Others may pass through those, to what is their own inside. */
export async function makeDataFolder(dataDir: string): Promise<void> {
  const wanted = path.resolve(dataDir);
  const { folder, isFolder } = await telling(wanted, 'cannot make the folder', () => findNearest(wanted));
  if (!isFolder) throw new SettingError(`setting DATA_DIR: ${folder} is a file`);
  await telling(wanted, 'cannot make the folder', () => makeBelow(folder, wanted));
  const writable = constants.W_OK | constants.X_OK;
  await telling(wanted, 'cannot write to the folder', () => access(wanted, writable));
}

/** The folder itself, or the first above it that exists. */
async function findNearest(wanted: string): Promise<{ folder: string; isFolder: boolean }> {
  try {
    return { folder: wanted, isFolder: (await stat(wanted)).isDirectory() };
  } catch (error) {
    const isMissing = hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
    if (!isMissing || path.dirname(wanted) === wanted) throw error;
    return findNearest(path.dirname(wanted));
  }
}

/** One by one: below /proc, where no folder can be made, Node's recursive `mkdir` never ends. */
async function makeBelow(folder: string, wanted: string): Promise<void> {
  let made = folder;
  for (const name of path.relative(folder, wanted).split(path.sep).filter(Boolean)) {
    made = path.join(made, name);
    await mkdir(made, { mode: 0o711 }).catch(ignoreExisting);
  }
}

/** Another process may have made it meanwhile. */
function ignoreExisting(error: unknown): void {
  if (!hasCode(error, 'EEXIST')) throw error;
}

async function telling<T>(wanted: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettingError(`setting DATA_DIR: ${what} ${wanted}: ${reason}`, { cause });
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

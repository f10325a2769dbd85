/** Makes the folder that DATA_DIR names, or explains why it cannot. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { SettingError } from './config.ts';
import { hasCode } from '../error-code.ts';

/** Makes the folder and its parents. Other users may pass through the folders to files of their own inside. */
export async function makeDataFolder(dataDir: string): Promise<void> {
  const wanted = path.resolve(dataDir);
  const { folder, isFolder } = await explaining(wanted, 'cannot make the folder', () => findNearest(wanted));
  if (!isFolder) throw new SettingError(`setting DATA_DIR: ${folder} is a file`);
  await explaining(wanted, 'cannot make the folder', () => makeBelow(folder, wanted));
  const writable = constants.W_OK | constants.X_OK;
  await explaining(wanted, 'cannot write to the folder', () => access(wanted, writable));
}

/** Finds the folder itself, or its nearest parent that exists. */
async function findNearest(wanted: string): Promise<{ folder: string; isFolder: boolean }> {
  try {
    return { folder: wanted, isFolder: (await stat(wanted)).isDirectory() };
  } catch (error) {
    const isMissing = hasCode(error, 'ENOENT', 'ENOTDIR');
    if (!isMissing || path.dirname(wanted) === wanted) throw error;
    return findNearest(path.dirname(wanted));
  }
}

/** Makes the folders one by one: Node's recursive `mkdir` never ends below /proc, where no folder can be made. */
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

async function explaining<T>(wanted: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettingError(`setting DATA_DIR: ${what} ${wanted}: ${reason}`, { cause });
  }
}

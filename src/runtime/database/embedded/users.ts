// The users of the server: one file `<pid>-<start time>.<n>` per join. The caller holds the lock while counting.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning, thisProcess } from './processes.ts';

const FILE_NAME = /^(?<pid>\d+)-(?<startedAt>.+)\.\w+$/;

/** Makes the file that counts this join and returns its path; removing it ends the use. */
export async function enlist(folder: string): Promise<string> {
  const { pid, startedAt } = await thisProcess();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${pid}-${startedAt}.${randomBytes(4).toString('hex')}`);
  await writeFile(file, '', { flag: 'wx', mode: 0o600 });
  return file;
}

/** Counts the joins of living processes and removes the files of dead ones. */
export async function countUsers(folder: string): Promise<number> {
  const living = await Promise.all((await readdir(folder)).map((name) => keepIfLiving(folder, name)));
  return living.filter(Boolean).length;
}

async function keepIfLiving(folder: string, name: string): Promise<boolean> {
  const { pid, startedAt } = FILE_NAME.exec(name)?.groups ?? {};
  if (pid && startedAt && (await isRunning({ pid: Number(pid), startedAt }))) return true;
  await rm(path.join(folder, name), { recursive: true, force: true });
  return false;
}

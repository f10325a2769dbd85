// One lock between processes, which no crash leaves behind: an exclusive SQLite transaction on an empty file,
// that is, a lock of the operating system's, gone with its holder. It also excludes within one process.
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const SQLITE_BUSY = 5;

/** Nothing else may open `file`: closing any other handle of it would drop the lock (a rule of POSIX). */
export async function withLock<T>(file: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    await acquire(lock, file, patienceMs);
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(lock: DatabaseSync, file: string, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let pauseMs = 5;
  while (!tryAcquire(lock, file)) {
    if (performance.now() > deadline) throw new Error(heldTooLong(file, patienceMs));
    await sleep(pauseMs * (0.5 + Math.random()));
    pauseMs = Math.min(pauseMs * 1.5, 100);
  }
}

function tryAcquire(lock: DatabaseSync, file: string): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false;
    throw new Error(`Cannot lock ${file}: may this user write it?`, { cause: error });
  }
}

function heldTooLong(file: string, patienceMs: number): string {
  return `Another process has held ${file} for ${Math.round(patienceMs / 1000)} s: it is starting or stopping the embedded PostgreSQL and does not finish`;
}

// A lock between processes that survives no crash: an exclusive SQLite transaction on an empty file. Underneath it is
// a lock of the operating system and ends with its holder. It also excludes within one process.
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const SQLITE_BUSY = 5;

/** Nothing else may open `file`: under POSIX, closing any other handle of it would drop the lock. */
export async function withLock<T>(file: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    await acquire(lock, file, timeoutMs);
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(lock: DatabaseSync, file: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let pauseMs = 5;
  while (!tryAcquire(lock, file)) {
    if (performance.now() > deadline) throw new Error(heldTooLong(file, timeoutMs));
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

function heldTooLong(file: string, timeoutMs: number): string {
  return `Another process has held ${file} for ${Math.round(timeoutMs / 1000)} s: it is starting or stopping the embedded PostgreSQL and does not finish`;
}

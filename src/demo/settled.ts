/** Waits until the service is idle: every event is applied, every notification finalized, every claimed slot run. */
import { setTimeout as delay } from 'node:timers/promises';
import { countStaleProfiles } from '../insight/profiles/count-stale-profiles.ts';
import type { Database } from '../runtime/database/database.ts';
import { readUnfinished } from './sql/read-unfinished.ts';

const timeoutMs = 120_000;
const firstPauseMs = 4;
const longestPauseMs = 16;

/** Rejects if something is still unfinished after two minutes, with its name. */
export async function settled(db: Database, tenantId: string, signal?: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    await delay(pauseMs);
    signal?.throwIfAborted();
    const unfinished = await db.transaction([tenantId], (sql) => readUnfinished(sql, tenantId));
    const names = Object.entries(unfinished).flatMap(([name, isThere]) => (isThere ? [name] : []));
    if (names.length === 0) return;
    if (performance.now() - startedAt > timeoutMs)
      throw new Error(
        `the service has not finished its ${names.join(', ')} within two minutes: its log says why`,
      );
  }
}

const profilesWithinMs = 60_000;
const profilePauseMs = 100;

/**
 * Waits until no profile is stale, a minute at most. Workers rebuild them beside other work, and a person's not again for a
 * while. A rebuild may open levels of a forecast.
 */
export async function profilesMade(db: Database, tenantId: string, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  while ((await db.transaction([tenantId], (sql) => countStaleProfiles(sql, tenantId))) > 0) {
    signal.throwIfAborted();
    if (performance.now() - startedAt > profilesWithinMs) return;
    await delay(profilePauseMs);
  }
}

/** Makes transactions wait for the lock of a person's row, so that they meet there on a machine of any speed. */
import { sql as statement } from 'kysely';
import { expect, vi } from 'vitest';
import type { Sql } from '../../../src/runtime/database/database.ts';
import type { PersonRef } from '../../../src/values/refs.ts';

/**
 * Starts `works` while another transaction locks the person's row, and ends that once `waiting` of them wait.
 * `sql` is the connection of the database owner; nothing else may wait for a lock in that database.
 */
export async function whileLocked<T>(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  works: readonly (() => Promise<T>)[],
  waiting = works.length,
): Promise<T[]> {
  const started = await sql.transaction().execute(async (holding) => {
    await statement`
      select from users where tenant_id = ${tenantId} and id = ${userId} for no key update`.execute(holding);
    const all = works.map((work) => work());
    await expectWaiting(sql, waiting);
    // A transaction would await a promise that it returns, so the promise is wrapped.
    return { all: Promise.all(all) };
  });
  return started.all;
}

/**
 * Resolves once `count` sessions wait for a lock. `sql` must be another connection than the one with the lock,
 * because a transaction keeps the first view it had of the waiting sessions.
 */
export async function expectWaiting(sql: Sql, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await statement`
        select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(sql);
      expect(rows).toHaveLength(count);
    },
    { timeout: 20_000, interval: 10 },
  );
}

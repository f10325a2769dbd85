/** Makes others wait for a person, so that they meet there whatever the machine is doing. */
import { sql as statement } from 'kysely';
import { expect, vi } from 'vitest';
import type { Sql } from '../../../src/runtime/database/database.ts';
import type { PersonRef } from '../../../src/values/refs.ts';

/**
 * Starts `works` while the person's row is held by somebody else, and lets go once each of them waits for it.
 * `sql`: the owner's, of a database that nobody else waits in.
 */
export async function whileLocked<T>(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  works: readonly (() => Promise<T>)[],
): Promise<T[]> {
  const started = await sql.transaction().execute(async (holding) => {
    await statement`
      select from users where tenant_id = ${tenantId} and id = ${userId} for no key update`.execute(holding);
    const all = works.map((work) => work());
    await expectWaiting(sql, works.length);
    // Wrapped: a transaction would wait for a promise it answers with.
    return { all: Promise.all(all) };
  });
  return started.all;
}

/**
 * Resolves once so many wait for somebody's lock. `sql`: on another connection than who holds it, as a transaction
 * sees who waits as it was when it first looked.
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

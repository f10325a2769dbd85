/** Stores the offset between the service's clock and the machine's, so that all processes and restarts agree. */
import { sql as statement } from 'kysely';
import type { Sql } from './database.ts';

/**
 * Returns the offset in milliseconds. The first process that is given a start decides it for all. Without a start
 * the stored offset holds, or zero.
 */
export async function agreeOnClock(sql: Sql, clockStart: Temporal.Instant | null): Promise<number> {
  if (clockStart) {
    const offsetMs = clockStart.epochMilliseconds - Temporal.Now.instant().epochMilliseconds;
    await statement`
      insert into service_clock (id, offset_ms) values (true, ${offsetMs})
      on conflict do nothing`.execute(sql);
  }
  const row = await sql.selectFrom('service_clock').select('offset_ms').executeTakeFirst();
  return Number(row?.offset_ms ?? 0);
}

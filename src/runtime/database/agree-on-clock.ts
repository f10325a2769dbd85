/** Keeps how far the service's clock is from the machine's, so that all processes and restarts agree. */
import { sql as statement } from 'kysely';
import type { Sql } from './database.ts';

/**
 * Offset in milliseconds. The first process to be told a start decides it; without one it is what was
 * decided before, and zero where nothing was.
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

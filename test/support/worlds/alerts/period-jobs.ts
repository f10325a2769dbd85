/** Runs the jobs of periods and cooldowns for one tenant, without a clock or a queue. */
import { endDueCooldowns, findEndedCooldowns } from '../../../../src/alerts/evaluate/end-cooldowns.ts';
import { findNewPeriods, openPeriods } from '../../../../src/alerts/evaluate/open-periods.ts';
import type { Database } from '../../../../src/runtime/database/database.ts';

const limit = 500;

export async function runPeriodJobs(db: Database, tenantId: string, now: Temporal.Instant): Promise<void> {
  const find = (which: typeof findNewPeriods) =>
    db.transaction([tenantId], (sql) => which(sql, [tenantId], limit, now));
  await openPeriods(db, await find(findNewPeriods), now);
  await endDueCooldowns(db, await find(findEndedCooldowns), now);
}

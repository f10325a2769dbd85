/**
 * Deletes rows that are no longer needed: events applied long ago, old job runs, audit records, and quota
 * counts of past days.
 *
 * Each portion is one transaction. A crash leaves the rest to the next run.
 */
import { deleteOldAudit } from '../src/accounts/audit-record.ts';
import { deleteOldErasures, erasuresKept } from '../src/accounts/erased-people.ts';
import { deleteOldSetAside } from '../src/accounts/set-aside.ts';
import { deleteOldEvents } from '../src/operate/delete-old-events.ts';
import { deleteOldInterruptions } from '../src/operate/delete-old-interruptions.ts';
import { drain } from '../src/operate/drain.ts';
import { forEachTenant, total } from '../src/operate/for-each-tenant.ts';
import { deleteOldRuns } from '../src/operate/job-runs.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { machineNow } from '../src/runtime/clock.ts';
import { done } from '../src/runtime/queues/outcome.ts';
import { localDay } from '../src/values/period.ts';

/** Repeated event ids are recognised for this long. It is given in hours, as an instant has no calendar days. */
const eventsKept = { hours: 90 * 24 } as const;
const runsKept = { hours: 30 * 24 } as const;
const countsKept = { hours: 7 * 24 } as const;
const auditKept = { hours: 730 * 24 } as const;

/** Batches in one transaction. A batch holds at most two thousand events. */
const batchesAtATime = 200;

export const retention: ScheduledJob = {
  name: 'retention',
  cron: '50 4 * * *',
  // Each run finds everything that is old by then.
  catchUp: 1,
  about:
    'deletes applied events after 90 days, job runs after 30 days, audit records after two years, and old daily quota counts',
  async run(_slot, { db, clock }, context) {
    const now = clock.now();
    const runs = await deleteOldRuns(db.sql, now.subtract(runsKept));
    const records = await deleteOldAudit(db.sql, machineNow().subtract(auditKept));
    const firstDay = localDay(now.subtract(countsKept), 'UTC');
    const events = await forEachTenant(db, context, async (tenantId) => {
      await db.transaction([tenantId], async (sql) => {
        await deleteOldInterruptions(sql, tenantId, firstDay);
        await deleteOldErasures(sql, tenantId, now.subtract(erasuresKept));
        await deleteOldSetAside(sql, tenantId, now);
      });
      let deleted = 0;
      await drain(batchesAtATime, context.signal, async (limit) => {
        const { batches, events } = await db.transaction([tenantId], (sql) =>
          deleteOldEvents(sql, tenantId, now.subtract(eventsKept), limit),
        );
        deleted += events;
        return batches;
      });
      return deleted;
    });
    return done(`deleted ${total(events)} events, ${runs} runs and ${records} audit records`);
  },
};

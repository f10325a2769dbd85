/**
 * Deletes what is no longer needed: events applied long ago, old job runs, audit records, quota counts of past days, and
 * what belongs to budget periods that ended `RETENTION_DAYS` ago. Texts and addresses of deliveries end here too.
 *
 * Each portion is one transaction. A crash leaves the rest to the next run.
 */
import { deleteOldConfirmations } from '../src/accounts/address-confirmations.ts';
import { deleteOldAudit } from '../src/accounts/audit-record.ts';
import { deleteOldErasures, erasuresKept } from '../src/accounts/erased-people.ts';
import { deleteOldSetAside } from '../src/accounts/set-aside.ts';
import { blankDeliveries } from '../src/deliver/blank-deliveries.ts';
import { blankDeletedEvents } from '../src/operate/blank-events.ts';
import {
  deleteOldDecisions,
  deleteOldNotifications,
  deleteOldPeriods,
} from '../src/operate/delete-old-alerts.ts';
import type { Database, Sql } from '../src/runtime/database/database.ts';
import { deleteOldAnomalies, deleteOldRecurring } from '../src/operate/delete-old-insight.ts';
import { deleteOldEvents } from '../src/operate/delete-old-events.ts';
import { deleteOldInterruptions } from '../src/operate/delete-old-interruptions.ts';
import { drain } from '../src/operate/drain.ts';
import { forEachTenant, total } from '../src/operate/for-each-tenant.ts';
import { deleteOldRuns } from '../src/operate/job-runs.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { machineNow } from '../src/runtime/clock.ts';
import { done } from '../src/runtime/queues/outcome.ts';
import { deleteOldRepricings } from '../src/settings/repricing-jobs.ts';
import { localDay } from '../src/values/period.ts';

/** Repeated event ids are recognised for this long. It is given in hours, as an instant has no calendar days. */
const eventsKept = { hours: 90 * 24 } as const;
const runsKept = { hours: 30 * 24 } as const;
const countsKept = { hours: 7 * 24 } as const;
const auditKept = { hours: 730 * 24 } as const;

/** Batches in one transaction. A batch holds at most two thousand events. */
const batchesAtATime = 200;
/** Other rows in one transaction. */
const rowsAtATime = 2_000;

export const retention: ScheduledJob = {
  name: 'retention',
  cron: '50 4 * * *',
  // Each run finds everything that is old by then.
  catchUp: 1,
  about:
    'deletes applied events after 90 days, job runs after 30 days, audit records after two years, notifications after RETENTION_DAYS, and texts of deliveries that failed after 30 days',
  async run(_slot, { db, clock, config }, context) {
    const now = clock.now();
    const runs = await deleteOldRuns(db.sql, now.subtract(runsKept));
    const records = await deleteOldAudit(db.sql, machineNow().subtract(auditKept));
    const before = now.subtract({ hours: config.retentionDays * 24 });
    const events = await forEachTenant(db, context, async (tenantId) => {
      await deleteLittle(db, tenantId, now);
      await deleteInPortions(db, tenantId, { now, before, signal: context.signal });
      return deleteEvents(db, tenantId, now, context.signal);
    });
    return done(`deleted ${total(events)} events, ${runs} runs and ${records} audit records`);
  },
};

const deleteLittle = (db: Database, tenantId: string, now: Temporal.Instant): Promise<void> =>
  db.transaction([tenantId], async (sql) => {
    await deleteOldInterruptions(sql, tenantId, localDay(now.subtract(countsKept), 'UTC'));
    await deleteOldErasures(sql, tenantId, now.subtract(erasuresKept));
    await deleteOldSetAside(sql, tenantId, now);
    await deleteOldRepricings(sql, tenantId, now.subtract(runsKept));
    await deleteOldConfirmations(sql, tenantId, now);
  });

type When = { now: Temporal.Instant; before: Temporal.Instant; signal: AbortSignal | undefined };

/** Sums go first, because the decisions of a period wait for its sum to be gone. */
async function deleteInPortions(db: Database, tenantId: string, when: When): Promise<void> {
  const before = { instant: when.before, day: localDay(when.before, 'UTC') };
  const steps: ((sql: Sql, limit: number) => Promise<number>)[] = [
    (sql, limit) => deleteOldPeriods(sql, tenantId, before, limit),
    (sql, limit) => deleteOldDecisions(sql, tenantId, before, limit),
    (sql, limit) => deleteOldNotifications(sql, tenantId, before, limit),
    (sql, limit) => deleteOldAnomalies(sql, tenantId, localDay(when.now, 'UTC'), limit),
    (sql, limit) => deleteOldRecurring(sql, tenantId, localDay(when.now, 'UTC'), limit),
    (sql, limit) => blankDeliveries(sql, tenantId, limit, when.now),
    (sql, limit) => blankDeletedEvents(sql, tenantId, limit),
  ];
  for (const step of steps)
    await drain(rowsAtATime, when.signal, (limit) => db.transaction([tenantId], (sql) => step(sql, limit)));
}

/** Returns the number of events. */
async function deleteEvents(
  db: Database,
  tenantId: string,
  now: Temporal.Instant,
  signal: AbortSignal | undefined,
): Promise<number> {
  let deleted = 0;
  await drain(batchesAtATime, signal, async (limit) => {
    const { batches, events } = await db.transaction([tenantId], (sql) =>
      deleteOldEvents(sql, tenantId, now.subtract(eventsKept), limit),
    );
    deleted += events;
    return batches;
  });
  return deleted;
}

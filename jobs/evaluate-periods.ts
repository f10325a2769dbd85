/** Evaluates every rule whose next period has begun against the expenses that are already dated in it. */
import { listTenants } from '../src/accounts/tenants.ts';
import { findNewPeriods, openPeriods } from '../src/alerts/evaluate/open-periods.ts';
import { notifications } from '../src/notify/queue.ts';
import { drain } from '../src/operate/drain.ts';
import { withEach } from '../src/operate/with-each.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

/** People in one transaction: each is locked until it ends. */
const peopleAtATime = 100;
const name = 'evaluate-periods';

export const evaluatePeriods: ScheduledJob = {
  name,
  cron: '*/5 * * * *',
  // Each run finds every period that has begun, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'opens budget periods that have begun and counts the expenses already dated in them',
  async run(slot, { db, clock, log, queues }, { signal }) {
    const correlationId = `evaluate-periods ${slot.toString()}`;
    let opened = 0;
    await drain(peopleAtATime, signal, async (limit) => {
      const now = clock.now();
      const tenantIds = await listTenants(db.sql);
      const due = await db.transaction(tenantIds, (sql) => findNewPeriods(sql, tenantIds, limit, now));
      const evaluated = await withEach({ db, log, name, now }, due, (portion) =>
        openPeriods(db, portion, now),
      );
      await queues.enqueue(
        notifications,
        evaluated.flatMap((each) => each.notifications).map((each) => ({ ...each, correlationId })),
      );
      opened += evaluated.reduce((sum, { rules }) => sum + rules, 0);
      return due.length;
    });
    return done(`${opened} periods opened`);
  },
};

/**
 * Sends the digests that are due at their recipients' local hour: a summary of the day or week before, and the capped
 * notifications.
 *
 * A crash before a commit leaves a digest unmade, and the next run makes it. A crash between a commit and its
 * queue signal leaves deliveries pending, and `sweep-pending` enqueues them.
 */
import { listTenants } from '../src/accounts/tenants.ts';
import { deliveries } from '../src/deliver/queue.ts';
import { sendDueDigests } from '../src/notify/send-digests.ts';
import { findDueDigests } from '../src/notify/sql/find-due-digests.ts';
import { drain } from '../src/operate/drain.ts';
import { withEach } from '../src/operate/with-each.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

/** People in one transaction: each is locked until it ends. */
const peopleAtATime = 100;

const name = 'daily-summary';

export const dailySummary: ScheduledJob = {
  name,
  // Every minute in UTC. Each person's time zone decides their hour, so none is skipped when clocks go forward.
  cron: '* * * * *',
  catchUp: 1,
  about: 'sends daily and weekly digests at people’s local hour, with the capped notifications',
  async run(slot, { db, clock, log, queues, channelSetup }, { signal }) {
    const correlationId = `daily-summary ${slot.toString()}`;
    const people = await drain(peopleAtATime, signal, async (limit) => {
      const now = clock.now();
      const tenantIds = await listTenants(db.sql);
      const due = await db.transaction(tenantIds, (sql) => findDueDigests(sql, tenantIds, limit, now));
      const sent = await withEach({ db, log, name, now }, due, (portion) =>
        sendDueDigests(db, portion, channelSetup, now),
      );
      await queues.enqueue(
        deliveries,
        sent.flat().map((each) => ({ ...each, correlationId })),
      );
      return due.length;
    });
    return done(`digests were due for ${people} people`);
  },
};

/** Notifies of levels that opened again within a cooldown, if they are still open when it ends. */
import { listTenants } from '../src/accounts/tenants.ts';
import { endDueCooldowns, findEndedCooldowns } from '../src/alerts/evaluate/end-cooldowns.ts';
import { notifications } from '../src/notify/queue.ts';
import { drain } from '../src/operate/drain.ts';
import { withEach } from '../src/operate/with-each.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

/** People in one transaction: each is locked until it ends. */
const peopleAtATime = 100;
const name = 'end-cooldowns';

export const endCooldowns: ScheduledJob = {
  name,
  cron: '* * * * *',
  // Each run finds every cooldown that has ended, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'sends notifications of alerts that opened again within a cooldown, once it has ended',
  async run(slot, { db, clock, log, queues }, { signal }) {
    const correlationId = `end-cooldowns ${slot.toString()}`;
    let ended = 0;
    await drain(peopleAtATime, signal, async (limit) => {
      const now = clock.now();
      const tenantIds = await listTenants(db.sql);
      const due = await db.transaction(tenantIds, (sql) => findEndedCooldowns(sql, tenantIds, limit, now));
      const evaluated = await withEach({ db, log, name, now }, due, (portion) =>
        endDueCooldowns(db, portion, now),
      );
      await queues.enqueue(
        notifications,
        evaluated.flatMap((each) => each.notifications).map((each) => ({ ...each, correlationId })),
      );
      ended += evaluated.reduce((sum, { levels }) => sum + levels, 0);
      return due.length;
    });
    return done(`${ended} cooldowns ended`);
  },
};

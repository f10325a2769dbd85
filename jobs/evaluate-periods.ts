/** Evaluates every rule whose next period has begun against the expenses that are already dated in it. */
import { listTenants } from '../src/accounts/tenants.ts';
import { openPeriods } from '../src/alerts/evaluate/open-periods.ts';
import { notifications } from '../src/notify/queue.ts';
import { drain } from '../src/operate/drain.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const rulesAtATime = 500;

export const evaluatePeriods: ScheduledJob = {
  name: 'evaluate-periods',
  cron: '*/5 * * * *',
  // Each run finds every period that has begun, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'opens budget periods that have begun and counts the expenses already dated in them',
  async run(slot, { db, clock, queues }, { signal }) {
    const correlationId = `evaluate-periods ${slot.toString()}`;
    const opened = await drain(rulesAtATime, signal, async (limit) => {
      const evaluated = await openPeriods(db, await listTenants(db.sql), limit, clock.now());
      await queues.enqueue(
        notifications,
        evaluated.notifications.map((each) => ({ ...each, correlationId })),
      );
      return evaluated.rules;
    });
    return done(`${opened} periods opened`);
  },
};

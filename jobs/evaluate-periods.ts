/**
 * Evaluates every rule whose next period has begun against the expenses that are already dated in it, and switches rules off
 * whose only period has closed.
 */
import { findNewPeriods, openPeriods } from '../src/alerts/evaluate/open-periods.ts';
import { notifications } from '../src/notify/queue.ts';
import { drainPeople } from '../src/operate/drain-people.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const name = 'evaluate-periods';

export const evaluatePeriods: ScheduledJob = {
  name,
  cron: '*/5 * * * *',
  // Each run finds every period that has begun, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about:
    'opens budget periods that have begun and counts the expenses already dated in them, and switches rules off whose only period has closed',
  async run(slot, { db, clock, log, queues }, { signal }) {
    const correlationId = `evaluate-periods ${slot.toString()}`;
    let opened = 0;
    await drainPeople(
      { db, clock, log, name, signal },
      findNewPeriods,
      (portion, now) => openPeriods(db, portion, now),
      async (evaluated) => {
        opened += evaluated.reduce((sum, { rules }) => sum + rules, 0);
        const made = evaluated.flatMap((each) => each.notifications);
        await queues.enqueue(
          notifications,
          made.map((each) => ({ ...each, correlationId })),
        );
      },
    );
    return done(`${opened} periods opened`);
  },
};

/**
 * Moves the days of people's many expenses to a time zone that they have chosen. Each person is one transaction. A crash
 * leaves the others to the next run.
 */
import { notifications } from '../src/notify/queue.ts';
import { drainPeople } from '../src/operate/drain-people.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';
import { findMovingPeople, moveDaysJob as name, moveNotedDays } from '../src/settings/change-timezone.ts';

export const moveDays: ScheduledJob = {
  name,
  cron: '*/15 * * * * *',
  // Each run finds everybody with a noted zone, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'moves the days of many expenses to a time zone that their person has chosen',
  async run(slot, { db, clock, log, queues }, { signal }) {
    const correlationId = `${name} ${slot.toString()}`;
    const people = await drainPeople(
      { db, clock, log, name, signal },
      findMovingPeople,
      // Enqueued here, for those who are moved before another fails.
      async (portion, now) => {
        for (const person of portion) {
          signal?.throwIfAborted();
          const moved = await moveNotedDays(db, person, now);
          await queues.enqueue(
            notifications,
            moved.notifications.map((each) => ({ ...each, correlationId })),
          );
        }
        return { busy: [] };
      },
      async () => undefined,
    );
    return done(`${people} people moved`);
  },
};

/**
 * Sends the digests that are due at their recipients' local hour: a summary of the day or week before, and the capped
 * notifications.
 *
 * A crash before a commit leaves a digest unmade, and the next run makes it. A crash between a commit and its
 * queue signal leaves deliveries pending, and `sweep-pending` enqueues them.
 */
import { deliveries } from '../src/deliver/queue.ts';
import { sendDueDigests } from '../src/notify/send-digests.ts';
import { findDueDigests } from '../src/notify/sql/find-due-digests.ts';
import { drainPeople } from '../src/operate/drain-people.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const name = 'daily-summary';

export const dailySummary: ScheduledJob = {
  name,
  // Every minute in UTC. Each person's time zone decides their hour, so none is skipped when clocks go forward.
  cron: '* * * * *',
  catchUp: 1,
  about: 'sends daily and weekly digests at people’s local hour, with the capped notifications',
  async run(slot, { db, clock, log, queues, channelSetup }, { signal }) {
    const correlationId = `daily-summary ${slot.toString()}`;
    const people = await drainPeople(
      { db, clock, log, name, signal },
      findDueDigests,
      (portion, now) => sendDueDigests(db, portion, channelSetup, now),
      (planned) =>
        queues.enqueue(
          deliveries,
          planned.flatMap((each) => each.deliveries).map((each) => ({ ...each, correlationId })),
        ),
    );
    return done(`digests were due for ${people} people`);
  },
};

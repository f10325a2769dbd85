/**
 * Releases notifications that were deferred to the end of quiet hours. Each is rechecked, and several of one person go
 * out as one roll-up.
 *
 * A crash before a commit leaves the notifications due, and the next run finds them. A crash between a commit and
 * its queue signal leaves deliveries pending, and `sweep-pending` enqueues them.
 */
import { deliveries } from '../src/deliver/queue.ts';
import { findDeferred, releaseDue } from '../src/notify/release-deferred.ts';
import { drainPeople } from '../src/operate/drain-people.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const name = 'wake-deferred';

export const wakeDeferred: ScheduledJob = {
  name,
  cron: '* * * * *',
  // Each run finds everything due by then, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  isUrgent: true,
  about: 'releases deferred notifications after quiet hours, if they still hold',
  async run(slot, { db, clock, log, queues, channelSetup }, { signal }) {
    const correlationId = `wake-deferred ${slot.toString()}`;
    const people = await drainPeople(
      { db, clock, log, name, signal },
      findDeferred,
      (portion, now) => releaseDue(db, portion, channelSetup, now),
      (planned) =>
        queues.enqueue(
          deliveries,
          planned.flatMap((each) => each.deliveries).map((each) => ({ ...each, correlationId })),
        ),
    );
    return done(`looked again at what was held for ${people} people`);
  },
};

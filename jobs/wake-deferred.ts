/**
 * Releases notifications that were deferred to the end of quiet hours. Each is rechecked, and several of one person go
 * out as one roll-up.
 *
 * A crash before a commit leaves the notifications due, and the next run finds them. A crash between a commit and
 * its queue signal leaves deliveries pending, and `sweep-pending` enqueues them.
 */
import { listTenants } from '../src/accounts/tenants.ts';
import { deliveries } from '../src/deliver/queue.ts';
import { releaseDue } from '../src/notify/release-deferred.ts';
import { drain } from '../src/operate/drain.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

/** People in one transaction: each is locked until it ends. */
const peopleAtATime = 100;

export const wakeDeferred: ScheduledJob = {
  name: 'wake-deferred',
  cron: '* * * * *',
  // Each run finds everything due by then, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'releases deferred notifications after quiet hours, if they still hold',
  async run(slot, { db, clock, queues, channelSetup }, { signal }) {
    const correlationId = `wake-deferred ${slot.toString()}`;
    const people = await drain(peopleAtATime, signal, async (limit) => {
      const released = await releaseDue(db, await listTenants(db.sql), limit, channelSetup, clock.now());
      await queues.enqueue(
        deliveries,
        released.deliveries.map((each) => ({ ...each, correlationId })),
      );
      return released.people;
    });
    return done(`looked again at what was held for ${people} people`);
  },
};

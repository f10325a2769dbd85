/**
 * Enqueues the rebuild of profiles whose month has ended, or that have a recurring charge that is late or has ended, and
 * each day that of people with a forecast.
 */
import { listTenants } from '../src/accounts/tenants.ts';
import { markDueProfiles } from '../src/insight/profiles/mark-due-profiles.ts';
import { recommendations } from '../src/insight/queue.ts';
import { drain } from '../src/operate/drain.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const peopleAtATime = 500;

export const refreshProfiles: ScheduledJob = {
  name: 'refresh-profiles',
  cron: '20 * * * *',
  // Each run marks every profile due by then, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about:
    'enqueues the rebuild of spending profiles when their month is over or a recurring charge is late, and each day where there is a forecast',
  async run(slot, { db, clock, queues }, { signal }) {
    const correlationId = `refresh-profiles ${slot.toString()}`;
    const refreshed = await drain(peopleAtATime, signal, async (limit) => {
      const { people, profiles } = await markDueProfiles(db, await listTenants(db.sql), limit, clock.now());
      await queues.enqueue(
        recommendations,
        profiles.map((each) => ({ ...each, correlationId })),
      );
      return people;
    });
    return done(`${refreshed} profiles due`);
  },
};

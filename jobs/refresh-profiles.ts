/** Has the profiles rebuilt whose month is over. */
import { recommendations } from '../src/contracts/index.ts';
import { done } from '../src/contracts/outcome.ts';
import type { ScheduledJob } from './scheduled-job.ts';

const limit = 500;

export const refreshProfiles: ScheduledJob = {
  name: 'refresh-profiles',
  cron: '20 * * * *',
  // A run marks whoever is due by then, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'has the spending profiles rebuilt whose month is over',
  async run(slot, deps, { signal }) {
    const correlationId = `refresh-profiles ${slot.toString()}`;
    let refreshed = 0;
    for (let found = limit; found === limit; refreshed += found) {
      signal?.throwIfAborted();
      const { people, profiles } = await deps.markDueProfiles(limit);
      await deps.ring(
        recommendations,
        profiles.map((each) => ({ ...each, correlationId })),
      );
      found = people;
    }
    return done(`${refreshed} profiles due`);
  },
};

/**
 * Sends the digests whose hour has come on their people's local day: what they spent the day or the week before,
 * with what the daily cap held back.
 *
 * A crash before a commit leaves a digest unmade, and the next run makes it. A crash between a commit and its
 * ring leaves deliveries pending, for which `sweep-pending` rings.
 */
import { deliveries } from '../src/contracts/index.ts';
import { done } from '../src/contracts/outcome.ts';
import type { ScheduledJob } from './scheduled-job.ts';
import { tellPeople } from './tell-people.ts';

export const dailySummary: ScheduledJob = {
  name: 'daily-summary',
  // Each minute, in UTC: whose hour it is says their zone, so none is skipped where clocks are put forward.
  cron: '* * * * *',
  catchUp: 1,
  about: 'sends the daily and weekly summaries at people’s local hour, with what the daily cap held back',
  async run(slot, deps, context) {
    const people = await tellPeople((limit) => deps.sendDigests(limit), {
      ring: (payloads) => deps.ring(deliveries, payloads),
      correlationId: `daily-summary ${slot.toString()}`,
      signal: context.signal,
    });
    return done(`digests were due for ${people} people`);
  },
};

/**
 * Sends the digests whose hour has come on their people's local day, with what the daily cap held back.
 *
 * A crash before a commit leaves a digest unmade, and the next run makes it. A crash between a commit and its
 * ring leaves deliveries pending, for which `sweep-pending` rings.
 */
import { deliveries } from '../src/contracts/index.ts';
import { done } from '../src/contracts/outcome.ts';
import type { ScheduledJob } from './scheduled-job.ts';
import { tellPeople } from './tell-people.ts';

export const sendDigests: ScheduledJob = {
  name: 'send-digests',
  // Each minute, in UTC: whose hour it is says their zone, so none is skipped where clocks are put forward.
  cron: '* * * * *',
  catchUp: 1,
  about: 'sends digests at people’s local hour, with what the daily cap held back',
  async run(slot, deps, context) {
    const people = await tellPeople((limit) => deps.sendDigests(limit), {
      ring: (payloads) => deps.ring(deliveries, payloads),
      correlationId: `send-digests ${slot.toString()}`,
      signal: context.signal,
    });
    return done(`digests were due for ${people} people`);
  },
};

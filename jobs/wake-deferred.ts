/**
 * Looks again at what quiet hours held and are over now, and tells it, all of a person's as one.
 *
 * A crash before a commit leaves what was held due, and the next run finds it. A crash between a commit and
 * its ring leaves deliveries pending, for which `sweep-pending` rings.
 */
import { deliveries } from '../src/contracts/index.ts';
import { done } from '../src/contracts/outcome.ts';
import type { ScheduledJob } from './scheduled-job.ts';
import { tellPeople } from './tell-people.ts';

export const wakeDeferred: ScheduledJob = {
  name: 'wake-deferred',
  cron: '* * * * *',
  // A run finds all that is due by then, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'tells what quiet hours held back, once they are over and where it still holds',
  async run(slot, deps, context) {
    const people = await tellPeople((limit) => deps.wakeDeferred(limit), {
      ring: (payloads) => deps.ring(deliveries, payloads),
      correlationId: `wake-deferred ${slot.toString()}`,
      signal: context.signal,
    });
    return done(`looked again at what was held for ${people} people`);
  },
};

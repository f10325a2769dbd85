/** Ends the recommendations that nobody took up in time. */
import { done } from '../src/contracts/outcome.ts';
import type { ScheduledJob } from './scheduled-job.ts';

const limit = 1000;

export const expireRecommendations: ScheduledJob = {
  name: 'expire-recommendations',
  cron: '10 4 * * *',
  // A run ends whatever is over by then, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'ends the recommendations that nobody took up for 45 days',
  async run(_slot, deps, { signal }) {
    let expired = 0;
    for (let found = limit; found === limit; expired += found) {
      signal?.throwIfAborted();
      found = await deps.expireRecommendations(limit);
    }
    return done(`${expired} recommendations expired`);
  },
};

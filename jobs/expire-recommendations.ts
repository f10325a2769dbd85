/** Ends the recommendations that nobody accepted or dismissed in time. */
import { listTenants } from '../src/accounts/tenants.ts';
import { expireDueRecommendations } from '../src/insight/recommendations/expire-recommendations.ts';
import { drain } from '../src/operate/drain.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const recommendationsAtATime = 1000;

export const expireRecommendations: ScheduledJob = {
  name: 'expire-recommendations',
  cron: '10 4 * * *',
  // Each run ends everything that is over by then, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'expires recommendations that were not answered for 45 days',
  async run(_slot, { db, clock }, { signal }) {
    const expired = await drain(recommendationsAtATime, signal, async (limit) =>
      expireDueRecommendations(db, await listTenants(db.sql), limit, clock.now()),
    );
    return done(`${expired} recommendations expired`);
  },
};

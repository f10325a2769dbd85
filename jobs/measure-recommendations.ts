/** Records the savings of accepted recommendations, once three whole months have passed. */
import { measureDueRecommendations } from '../src/insight/recommendations/measure-recommendations.ts';
import { drain } from '../src/operate/drain.ts';
import { forEachTenant, total } from '../src/operate/for-each-tenant.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const recommendationsAtATime = 200;

export const measureRecommendations: ScheduledJob = {
  name: 'measure-recommendations',
  cron: '40 4 * * *',
  // Each run measures everything due by then, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'measures the savings of accepted recommendations',
  async run(_slot, { db, clock }, context) {
    const measured = await forEachTenant(db, context, (tenantId) =>
      drain(recommendationsAtATime, context.signal, (limit) =>
        measureDueRecommendations(db, tenantId, limit, clock.now()),
      ),
    );
    return done(`${total(measured)} recommendations measured`);
  },
};

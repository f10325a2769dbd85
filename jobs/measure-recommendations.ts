/** Records what the recommendations that people accepted have saved, once three whole months have followed. */
import { done } from '../src/contracts/outcome.ts';
import { forEachTenant, total } from './for-each-tenant.ts';
import type { JobDependencies, ScheduledJob } from './scheduled-job.ts';

const limit = 200;

export const measureRecommendations: ScheduledJob = {
  name: 'measure-recommendations',
  cron: '40 4 * * *',
  // A run measures whatever is due by then, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'measures what accepted recommendations have saved',
  async run(_slot, deps, context) {
    const measured = await forEachTenant(deps, context, (tenantId) =>
      measureAll(tenantId, deps, context.signal),
    );
    return done(`${total(measured)} recommendations measured`);
  },
};

async function measureAll(
  tenantId: string,
  deps: JobDependencies,
  signal: AbortSignal | undefined,
): Promise<number> {
  let measured = 0;
  for (let found = limit; found === limit; measured += found) {
    signal?.throwIfAborted();
    found = await deps.measureRecommendations(tenantId, limit);
  }
  return measured;
}

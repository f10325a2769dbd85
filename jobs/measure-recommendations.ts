/** Records what the recommendations that people accepted have saved, once three whole months have followed. */
import { done } from '../src/contracts/outcome.ts';
import type { ScheduledJob } from './scheduled-job.ts';

const limit = 200;

export const measureRecommendations: ScheduledJob = {
  name: 'measure-recommendations',
  cron: '40 4 * * *',
  // A run measures whatever is due by then, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'measures what accepted recommendations have saved',
  async run(_slot, deps, { signal }) {
    let measured = 0;
    for (const tenantId of await deps.listTenants())
      for (let found = limit; found === limit; measured += found) {
        signal?.throwIfAborted();
        found = await deps.measureRecommendations(tenantId, limit);
      }
    return done(`${measured} recommendations measured`);
  },
};

/**
 * Rebuilds the ratios that forecasts take from everybody of a tenant, tenant by tenant. A run that was cut short leaves the
 * ratios of the night before, and the next run does all again.
 */
import { rebuildRatios } from '../src/insight/forecasts/rebuild-ratios.ts';
import { forEachTenant, total } from '../src/operate/for-each-tenant.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

export const forecastRatios: ScheduledJob = {
  name: 'forecast-ratios',
  cron: '45 2 * * *',
  // Each run rebuilds everything, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'rebuilds the ratios of forecasts, from how earlier ones would have turned out',
  async run(_slot, { db, clock }, context) {
    const cells = await forEachTenant(db, context, (tenantId) => rebuildRatios(db, tenantId, clock.now()));
    return done(`${total(cells)} cells, for ${cells.length} tenants`);
  },
};

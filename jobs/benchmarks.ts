/**
 * Publishes the benchmarks of the complete months, tenant by tenant and month by month. Each month is a
 * transaction that leaves unchanged figures as they are, so the next run takes up one that was cut short.
 */
import { computeBenchmarks } from '../src/insight/benchmarks/compute-benchmarks.ts';
import { monthsOverEverywhere } from '../src/insight/decide/benchmark.ts';
import { forEachTenant, total } from '../src/operate/for-each-tenant.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

export const benchmarks: ScheduledJob = {
  name: 'benchmarks',
  cron: '15 2 * * *',
  // Each run looks at every month, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'publishes benchmarks of people’s spending in complete months, at least ten people in each',
  async run(slot, { db, clock }, context) {
    const months = monthsOverEverywhere(slot);
    const made = await forEachTenant(db, context, async (tenantId) => {
      const counts: number[] = [];
      for (const month of months) {
        context.signal?.throwIfAborted();
        counts.push(await computeBenchmarks(db, tenantId, month, clock.now()));
      }
      return total(counts);
    });
    return done(`benchmarks made: ${total(made)}, for ${made.length} tenants`);
  },
};

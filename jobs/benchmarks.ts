/**
 * Makes the benchmarks of the months that are over, tenant by tenant and month by month: each is a transaction
 * of its own that leaves what it finds unchanged, so a run that was cut short is taken up by the next.
 */
import { done } from '../src/contracts/outcome.ts';
import { completeMonths } from '../src/domain/insight/benchmark.ts';
import { forEachTenant, total } from './for-each-tenant.ts';
import type { JobDependencies, ScheduledJob } from './scheduled-job.ts';

export const benchmarks: ScheduledJob = {
  name: 'benchmarks',
  cron: '15 2 * * *',
  // A run looks at every month there is, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'compares what people spent in the months that are over, and publishes what may be told of it',
  async run(slot, deps, context) {
    const months = completeMonths(slot);
    const made = await forEachTenant(deps, context, (tenantId) =>
      makeOf(tenantId, months, deps, context.signal),
    );
    return done(`benchmarks made: ${total(made)}, for ${made.length} tenants`);
  },
};

async function makeOf(
  tenantId: string,
  months: readonly string[],
  deps: JobDependencies,
  signal: AbortSignal | undefined,
): Promise<number> {
  let made = 0;
  for (const month of months) {
    signal?.throwIfAborted();
    made += await deps.computeBenchmarks(tenantId, month);
  }
  return made;
}

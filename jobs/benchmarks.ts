/**
 * Makes the benchmarks of the months that are over, tenant by tenant and month by month: each is a transaction
 * of its own that leaves what it finds unchanged, so a run that was cut short is taken up by the next.
 */
import { done, type Outcome } from '../src/contracts/outcome.ts';
import { completeMonths } from '../src/domain/insight/benchmark.ts';
import type { JobDependencies, ScheduledJob } from './scheduled-job.ts';

export const benchmarks: ScheduledJob = {
  name: 'benchmarks',
  cron: '15 2 * * *',
  // A run looks at every month there is, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'compares what people spent in the months that are over, and publishes what may be told of it',
  async run(slot, deps, context) {
    const tenantIds = await deps.listTenants();
    let made = 0;
    const errors: unknown[] = [];
    for (const tenantId of tenantIds) {
      try {
        made += await makeOf(tenantId, completeMonths(slot), deps, context.signal);
      } catch (error) {
        context.signal?.throwIfAborted();
        // One tenant's trouble must not keep the others from their benchmarks.
        errors.push(error);
      }
    }
    return outcomeOf(tenantIds.length, made, errors);
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

function outcomeOf(tenants: number, made: number, errors: readonly unknown[]): Outcome {
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${tenants} tenants failed`);
  return done(`benchmarks made: ${made}, for ${tenants} tenants`);
}

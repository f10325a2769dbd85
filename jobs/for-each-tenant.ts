/** What a job does tenant by tenant. */
import type { JobContext } from '../src/queue/consume.ts';
import type { JobDependencies } from './scheduled-job.ts';

/**
 * Answers what `work` did for each, one after the other. One tenant's trouble does not keep the others from
 * their work: throws an `AggregateError` in the end. Once the run is handed back, begins with no other.
 */
export async function forEachTenant<T>(
  { listTenants }: Pick<JobDependencies, 'listTenants'>,
  { signal }: Pick<JobContext, 'signal'>,
  work: (tenantId: string) => Promise<T>,
): Promise<T[]> {
  const tenantIds = await listTenants();
  const results: T[] = [];
  const errors: unknown[] = [];
  for (const tenantId of tenantIds) {
    signal?.throwIfAborted();
    try {
      results.push(await work(tenantId));
    } catch (error) {
      errors.push(error);
    }
  }
  signal?.throwIfAborted();
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} of ${tenantIds.length} tenants failed`);
  return results;
}

export const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

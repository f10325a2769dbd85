/** Runs the work of a scheduled job tenant by tenant. */
import { listTenants } from '../accounts/tenants.ts';
import type { Database } from '../runtime/database/database.ts';
import type { JobContext } from '../runtime/queues/consume.ts';

/**
 * Returns the results of `work`, which runs for one tenant after the other. If a tenant fails the others still run,
 * and an `AggregateError` is thrown at the end. After an abort no further tenant is begun.
 */
export async function forEachTenant<T>(
  db: Pick<Database, 'sql'>,
  { signal }: Pick<JobContext, 'signal'>,
  work: (tenantId: string) => Promise<T>,
): Promise<T[]> {
  const tenantIds = await listTenants(db.sql);
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

/**
 * Holds the sums that are kept by increments against the expenses they are sums of, tenant by tenant, and
 * rebuilds the people for whom they differ. A difference is a flaw of the service, and logged as one.
 */
import { done } from '../src/contracts/outcome.ts';
import { notifications } from '../src/contracts/index.ts';
import type { JobContext } from '../src/queue/consume.ts';
import { forEachTenant, total } from './for-each-tenant.ts';
import type { JobDependencies, ScheduledJob } from './scheduled-job.ts';

/** People rebuilt in one transaction: each is locked until it ends. */
const peopleAtATime = 50;

export const reconcileSpending: ScheduledJob = {
  name: 'reconcile-spending',
  cron: '30 3 * * *',
  catchUp: 1,
  about: 'compares daily totals and rule spending with the expenses, and repairs what differs',
  async run(slot, deps, context) {
    const found = await forEachTenant(deps, context, (tenantId) =>
      reconcileTenant(tenantId, slot, deps, context),
    );
    const differences = total(found.map((each) => each.differences));
    const people = total(found.map((each) => each.people));
    return done(`tenants compared: ${found.length}, differences: ${differences}, people rebuilt: ${people}`);
  },
};

type Counts = { differences: number; people: number };

async function reconcileTenant(
  tenantId: string,
  slot: Temporal.Instant,
  deps: JobDependencies,
  { log, signal }: JobContext,
): Promise<Counts> {
  const differences = await deps.compareSpending(tenantId);
  for (const difference of differences) log.error({ tenantId, difference }, 'spending differs from expenses');
  const userIds = [...new Set(differences.map(({ userId }) => userId))];
  const correlationId = `reconcile-spending ${slot.toString()}`;
  for (let first = 0; first < userIds.length; first += peopleAtATime) {
    signal?.throwIfAborted();
    const people = userIds.slice(first, first + peopleAtATime).map((userId) => ({ tenantId, userId }));
    const rebuilt = await deps.rebuildSpending(people);
    await deps.ring(
      notifications,
      rebuilt.notifications.map((each) => ({ ...each, correlationId })),
    );
  }
  return { differences: differences.length, people: userIds.length };
}

/**
 * Compares the sums kept by increments with the expenses, tenant by tenant, and rebuilds the sums of people for whom
 * they differ. A difference is a bug in the service and is logged as an error.
 */
import { compareSpending } from '../src/alerts/spending/compare-spending.ts';
import { rebuildSpending } from '../src/alerts/spending/rebuild-spending.ts';
import { notifications } from '../src/notify/queue.ts';
import { forEachTenant, total } from '../src/operate/for-each-tenant.ts';
import type { JobServices, ScheduledJob } from '../src/operate/scheduled-job.ts';
import type { JobContext } from '../src/runtime/queues/consume.ts';
import { done } from '../src/runtime/queues/outcome.ts';

/** People rebuilt in one transaction: each is locked until it ends. */
const peopleAtATime = 50;

export const reconcileSpending: ScheduledJob = {
  name: 'reconcile-spending',
  cron: '30 3 * * *',
  catchUp: 1,
  about: 'compares daily totals and rule spending with the expenses, and repairs differences',
  async run(slot, services, context) {
    const correlationId = `reconcile-spending ${slot.toString()}`;
    const found = await forEachTenant(services.db, context, (tenantId) =>
      reconcileTenant(tenantId, correlationId, services, context),
    );
    const differences = total(found.map((each) => each.differences));
    const people = total(found.map((each) => each.people));
    return done(`tenants compared: ${found.length}, differences: ${differences}, people rebuilt: ${people}`);
  },
};

async function reconcileTenant(
  tenantId: string,
  correlationId: string,
  { db, clock, queues }: JobServices,
  { log, signal }: JobContext,
): Promise<{ differences: number; people: number }> {
  const differences = await db.transaction([tenantId], (sql) => compareSpending(sql, tenantId));
  for (const difference of differences) log.error({ tenantId, difference }, 'spending differs from expenses');
  const userIds = [...new Set(differences.map(({ userId }) => userId))];
  for (let first = 0; first < userIds.length; first += peopleAtATime) {
    signal?.throwIfAborted();
    const people = userIds.slice(first, first + peopleAtATime).map((userId) => ({ tenantId, userId }));
    const rebuilt = await rebuildSpending(db, people, clock.now());
    await queues.enqueue(
      notifications,
      rebuilt.notifications.map((each) => ({ ...each, correlationId })),
    );
  }
  return { differences: differences.length, people: userIds.length };
}

/**
 * Holds the sums that are kept by increments against the expenses they are sums of, tenant by tenant, and
 * rebuilds the people for whom they differ. A difference is a flaw of the service, and logged as one.
 */
import { done, type Outcome } from '../src/contracts/outcome.ts';
import { notifications } from '../src/contracts/index.ts';
import type { JobContext } from '../src/queue/consume.ts';
import type { JobDependencies, ScheduledJob } from './scheduled-job.ts';

/** People rebuilt in one transaction: each is locked until it ends. */
const peopleAtATime = 50;

export const reconcileSpending: ScheduledJob = {
  name: 'reconcile-spending',
  cron: '30 3 * * *',
  catchUp: 1,
  about: 'compares daily totals and rule spending with the expenses, and repairs what differs',
  async run(slot, deps, context) {
    const tenantIds = await deps.listTenants();
    const counts = { differences: 0, people: 0 };
    const errors: unknown[] = [];
    for (const tenantId of tenantIds) {
      context.signal?.throwIfAborted();
      try {
        const { differences, people } = await reconcileTenant(tenantId, slot, deps, context);
        counts.differences += differences;
        counts.people += people;
      } catch (error) {
        // One tenant's trouble must not keep the others from being looked at.
        errors.push(error);
      }
    }
    return outcomeOf(tenantIds.length, counts, errors);
  },
};

type Counts = { differences: number; people: number };

function outcomeOf(tenants: number, { differences, people }: Counts, errors: readonly unknown[]): Outcome {
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${tenants} tenants failed`);
  return done(`tenants compared: ${tenants}, differences: ${differences}, people rebuilt: ${people}`);
}

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

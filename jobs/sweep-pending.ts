/**
 * Rings again for what was committed and never rung for, or rung for and never finished: a queue that was
 * away or lost everything costs less than a minute, no event, alert or message. Profiles that rates or a move
 * to another zone made stale are rung for here alone.
 */
import { done } from '../src/contracts/outcome.ts';
import { deliveries, expenseEvents, notifications, recommendations } from '../src/contracts/index.ts';
import type { JobDependencies, ScheduledJob } from './scheduled-job.ts';

/** What is younger is left alone: its own ring is most likely still on the way. */
const restingTime = { seconds: 20 } as const;

export const sweepPending: ScheduledJob = {
  name: 'sweep-pending',
  // A sweep whose own ring is lost is made up for by the next: 20 + 2 * 15 seconds at most.
  cron: '*/15 * * * * *',
  // A run finds everything unfinished, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'rings again for events, notifications, deliveries and profiles that were left unfinished',
  async run(_slot, deps) {
    const tenantIds = await deps.listTenants();
    const batches = await sweepBatches(deps, tenantIds);
    const undecided = await sweepNotifications(deps, tenantIds);
    const unsent = await sweepDeliveries(deps, tenantIds);
    const stale = await sweepProfiles(deps, tenantIds);
    const rung = `${batches} batches, ${undecided} notifications, ${unsent} deliveries, ${stale} profiles`;
    return done(`rung again for ${rung}`);
  },
};

async function sweepBatches(deps: JobDependencies, tenantIds: readonly string[]): Promise<number> {
  const found = await deps.findUnfinishedBatches(tenantIds, deps.now().subtract(restingTime));
  await deps.ringAgain(expenseEvents, found);
  return found.length;
}

async function sweepNotifications(deps: JobDependencies, tenantIds: readonly string[]): Promise<number> {
  const before = deps.now().subtract(restingTime);
  const found = await deps.findUnfinishedNotifications(tenantIds, before);
  await deps.ringAgain(
    notifications,
    found.map((each) => ({ ...each, correlationId: each.notificationId })),
  );
  return found.length;
}

async function sweepDeliveries(deps: JobDependencies, tenantIds: readonly string[]): Promise<number> {
  const found = await deps.findUnfinishedDeliveries(tenantIds, deps.now().subtract(restingTime));
  await deps.ringAgain(
    deliveries,
    found.map((each) => ({ ...each, correlationId: each.deliveryId })),
  );
  return found.length;
}

async function sweepProfiles(deps: JobDependencies, tenantIds: readonly string[]): Promise<number> {
  const found = await deps.findUnfinishedProfiles(tenantIds, deps.now().subtract(restingTime));
  await deps.ringAgain(
    recommendations,
    found.map((each) => ({ ...each, correlationId: each.profileId })),
  );
  return found.length;
}

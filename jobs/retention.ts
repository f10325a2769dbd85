/**
 * Deletes what has done its work: events applied long ago, old runs of jobs, counts of days gone by.
 *
 * Each portion is a transaction of its own: a crash leaves the rest to the next run, which finds it as old.
 */
import { done } from '../src/contracts/outcome.ts';
import { forEachTenant, total } from './for-each-tenant.ts';
import type { JobDependencies, ScheduledJob } from './scheduled-job.ts';

/** As long as the ids of events are known again. Days of 24 hours, as an instant counts no others. */
const eventsKept = { hours: 90 * 24 } as const;
const runsKept = { hours: 30 * 24 } as const;
const countsKept = { hours: 7 * 24 } as const;

/** In one transaction; a batch holds a thousand events at most. */
const batchesAtATime = 200;

export const retention: ScheduledJob = {
  name: 'retention',
  cron: '50 4 * * *',
  // A run finds all that is old by then.
  catchUp: 1,
  about: 'deletes events applied 90 days ago, runs of jobs of 30 days ago, and counts of days gone by',
  async run(_slot, deps, context) {
    const runs = await deps.deleteOldRuns(deps.now().subtract(runsKept));
    const events = await forEachTenant(deps, context, async (tenantId) => {
      await deps.deleteOldInterruptions(tenantId, deps.now().subtract(countsKept));
      return emptyInbox(tenantId, deps, context.signal);
    });
    return done(`deleted ${total(events)} events and ${runs} runs`);
  },
};

async function emptyInbox(
  tenantId: string,
  deps: JobDependencies,
  signal: AbortSignal | undefined,
): Promise<number> {
  const before = deps.now().subtract(eventsKept);
  let deleted = 0;
  for (let taken = batchesAtATime; taken === batchesAtATime;) {
    signal?.throwIfAborted();
    const { batches, events } = await deps.deleteOldEvents(tenantId, before, batchesAtATime);
    deleted += events;
    taken = batches;
  }
  return deleted;
}

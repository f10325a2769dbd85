/** Continues an interrupted replay: the clock from its last time, the work from the database. */
import { runJobNow } from '../../jobs/index.ts';
import { sweepPending } from '../../jobs/sweep-pending.ts';
import type { SteppedClock } from '../runtime/clock.ts';
import type { Database } from '../runtime/database/database.ts';
import { readLatestChange } from './sql/read-latest-change.ts';
import { readUnfinished } from './sql/read-unfinished.ts';
import type { Scheduler } from '../operate/scheduler.ts';
import type { Services } from '../services.ts';

/**
 * Longer than a claimed delivery or a job's run belongs to its process. That process is dead. The service notices it
 * only by its clock, which stands still while the replay waits.
 */
const claimsExpire = { minutes: 2 } as const;

/** Call it before any worker starts: a queue may still have jobs from an earlier process, days into the replay. */
export async function takeUpClock(db: Database, clock: SteppedClock, tenantId: string): Promise<void> {
  const latest = await db.transaction([tenantId], (sql) => readLatestChange(sql, tenantId));
  if (latest) clock.moveTo(latest);
}

type Interrupted = {
  services: Services;
  clock: SteppedClock;
  replayScheduler: Scheduler;
  tenant: { tenantId: string };
};

/** Returns true if work was left unfinished. It is then enqueued again, and the caller waits for it. */
export async function goOn({
  services,
  clock,
  replayScheduler,
  tenant: { tenantId },
}: Interrupted): Promise<boolean> {
  const left = await services.db.transaction([tenantId], (sql) => readUnfinished(sql, tenantId));
  if (!Object.values(left).includes(true)) return false;
  const now = clock.advance(claimsExpire);
  await replayScheduler.tick();
  await runJobNow(services, sweepPending.name, now.round({ smallestUnit: 'second', roundingMode: 'floor' }));
  return true;
}

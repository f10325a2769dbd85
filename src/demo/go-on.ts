/** A replay that was interrupted goes on: its clock from where it stood, its work from what is on record. */
import { runJobNow } from '../../jobs/index.ts';
import { sweepPending } from '../../jobs/sweep-pending.ts';
import type { SteppedClock } from '../runtime/clock.ts';
import type { Database } from '../runtime/database/database.ts';
import { readLatestChange } from './sql/read-latest-change.ts';
import { readUnfinished } from './sql/read-unfinished.ts';
import type { Scheduler } from '../operate/scheduler.ts';
import type { Services } from '../services.ts';

/**
 * Longer than claims of deliveries and runs of jobs are left to the process that made them: that one is dead,
 * but told so by the clock alone, which stands still while the replay waits.
 */
const claimsExpire = { minutes: 2 } as const;

/** Before any worker begins: a queue may still hold what an earlier process was rung for, days into the replay. */
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

/** Answers whether anything was left unfinished; it is then rung for, which the caller waits for. */
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

/** A replay that was interrupted goes on: its clock from where it stood, its work from what is on record. */
import { runJobNow } from '../../../jobs/index.ts';
import { sweepPending } from '../../../jobs/sweep-pending.ts';
import { readLatestChange } from '../../db/queries/read-latest-change.ts';
import { readUnfinished } from '../../db/queries/read-unfinished.ts';
import type { DemoService } from './demo-service.ts';

/**
 * Longer than claims of deliveries and runs of jobs are left to the process that made them: that one is dead,
 * but told so by the clock alone, which stands still while the replay waits.
 */
const claimsExpire = { minutes: 2 } as const;

/** Answers whether anything was left unfinished; it is then rung for, which the caller waits for. */
export async function goOn(
  service: Pick<DemoService, 'services' | 'clock' | 'replayScheduler' | 'tenant'>,
): Promise<boolean> {
  const { services, clock, replayScheduler } = service;
  const { tenantId } = service.tenant;
  const { latest, left } = await services.db.transaction([tenantId], async (sql) => ({
    latest: await readLatestChange(sql, tenantId),
    left: await readUnfinished(sql, tenantId),
  }));
  if (latest) clock.moveTo(latest);
  if (!Object.values(left).includes(true)) return false;
  const now = clock.advance(claimsExpire);
  await replayScheduler.tick();
  await runJobNow(services, sweepPending.name, now.round({ smallestUnit: 'second', roundingMode: 'floor' }));
  return true;
}

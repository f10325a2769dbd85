/**
 * Enqueues again all work that was committed and never enqueued, or enqueued and never finished. If a queue is down or
 * loses everything, no event, alert or message is lost. The delay after its return is less than a minute. Profiles that
 * new exchange rates or a change of time zone made stale are enqueued only here. Erasures that a crash left unfinished are
 * finished here.
 */
import { listTenants } from '../src/accounts/tenants.ts';
import { expenseEvents } from '../src/alerts/queue.ts';
import { addressConfirmations } from '../src/deliver/confirmations/queue.ts';
import { deliveries } from '../src/deliver/queue.ts';
import { recommendations } from '../src/insight/queue.ts';
import { notifications } from '../src/notify/queue.ts';
import {
  findUnfinishedBatches,
  findUnfinishedConfirmations,
  findUnfinishedDeliveries,
  findUnfinishedNotifications,
  findUnfinishedProfiles,
} from '../src/operate/find-unfinished.ts';
import { finishErasures } from '../src/privacy/erase-person.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

/** Younger work is left out, as its own queue signal is probably still on the way. */
const restingTime = { seconds: 20 } as const;

export const sweepPending: ScheduledJob = {
  name: 'sweep-pending',
  // If the queue signal of a sweep is lost, the next sweep does its work: after 20 + 2 * 15 seconds at most.
  cron: '*/15 * * * * *',
  // Each run finds everything unfinished, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  isUrgent: true,
  about:
    'enqueues unfinished events, notifications, deliveries, confirmations and profiles again, and finishes erasures',
  async run(_slot, { db, clock, queues }) {
    const tenantIds = await listTenants(db.sql);
    const find = <Found>(
      unfinished: (
        sql: typeof db.sql,
        tenantIds: readonly string[],
        before: Temporal.Instant,
      ) => Promise<Found[]>,
    ): Promise<Found[]> =>
      db.transaction(tenantIds, (sql) => unfinished(sql, tenantIds, clock.now().subtract(restingTime)));

    const batches = await find(findUnfinishedBatches);
    await queues.enqueueAgain(expenseEvents, batches);
    const undecided = await find(findUnfinishedNotifications);
    await queues.enqueueAgain(
      notifications,
      undecided.map((each) => ({ ...each, correlationId: each.notificationId })),
    );
    const undelivered = await find(findUnfinishedDeliveries);
    await queues.enqueueAgain(
      deliveries,
      undelivered.map((each) => ({ ...each, correlationId: each.deliveryId })),
    );
    const unasked = await find(findUnfinishedConfirmations);
    await queues.enqueueAgain(
      addressConfirmations,
      unasked.map((each) => ({ ...each, correlationId: each.confirmationId })),
    );
    const stale = await find(findUnfinishedProfiles);
    await queues.enqueueAgain(
      recommendations,
      stale.map((each) => ({ ...each, correlationId: each.profileId })),
    );
    const erasures = await finishErasures({ db, clock }, tenantIds);
    const found = `${batches.length} batches, ${undecided.length} notifications, ${undelivered.length} deliveries, ${stale.length} profiles`;
    const confirmations = unasked.length === 0 ? '' : `, ${unasked.length} confirmations`;
    return done(
      `rung again for ${found}${confirmations}${erasures === 0 ? '' : `; finished ${erasures} erasures`}`,
    );
  },
};

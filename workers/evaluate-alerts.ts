/**
 * Evaluates committed batches of events, and enqueues the notifications that came of it and the profiles that are
 * out of date.
 *
 * A crash before the commit leaves the batches pending: the job is run again, or `sweep-pending` enqueues them. A
 * crash between the commit and the queue signals leaves notifications pending and profiles stale: the job, run again,
 * enqueues the notifications it finds unplanned, and `sweep-pending` enqueues both.
 */
import { evaluateBatches } from '../src/alerts/evaluate/evaluate-batches.ts';
import { expenseEvents } from '../src/alerts/queue.ts';
import { recommendations } from '../src/insight/queue.ts';
import { notifications } from '../src/notify/queue.ts';
import { findUnfinishedNotifications } from '../src/operate/find-unfinished.ts';
import type { Handler } from '../src/runtime/queues/consume.ts';
import { done, skip } from '../src/runtime/queues/outcome.ts';
import type { Services } from '../src/services.ts';
import type { ProfileRef } from '../src/values/refs.ts';

export const evaluateAlerts =
  ({
    db,
    clock,
    queues,
    metrics,
  }: Pick<Services, 'db' | 'clock' | 'queues' | 'metrics'>): Handler<(typeof expenseEvents)['schema']> =>
  async (batches, { log, isRepeat }) => {
    const { tenantIds } = batches;
    const result = await evaluateBatches(db, batches, clock.now());
    const left = isRepeat
      ? await db.transaction(tenantIds, (sql) => findUnfinishedNotifications(sql, tenantIds, clock.now()))
      : [];
    const correlationId = expenseEvents.jobId(batches);
    await queues.enqueue(
      notifications,
      [...result.notifications, ...left].map((ref) => ({ ...ref, correlationId })),
    );
    await queues.enqueue(
      recommendations,
      profilesToRebuild(result.profiles).map((ref) => ({ ...ref, correlationId })),
    );
    if (result.events === 0) return skip('applied before');
    for (const outcome of result.outcomes) metrics.decisions.inc({ outcome });
    metrics.appliedSeconds.observe(clock.now().since(result.receivedAt).total('seconds'));
    if (result.failed > 0) log.error({ failed: result.failed }, 'events could not be applied');
    return done(`${result.events} events, ${result.outcomes.length} decisions, ${result.failed} failed`);
  };

/** Of each tenant, so many profiles are enqueued; of the others one in so many, as a rebuild takes along others. */
const enqueuedAll = 10;

/** `sweep-pending` finds the profiles that no rebuild takes along. */
const profilesToRebuild = (profiles: readonly ProfileRef[]): ProfileRef[] =>
  [...Map.groupBy(profiles, ({ tenantId }) => tenantId).values()].flatMap((ofTenant) =>
    ofTenant.filter((_, index) => index < enqueuedAll || index % enqueuedAll === 0),
  );

/**
 * Evaluates committed batches of events, and enqueues the new notifications and the profiles that became stale.
 *
 * A crash before the commit leaves the batches pending: the job runs again, or `sweep-pending` enqueues them. A crash
 * between the commit and the queue signals leaves notifications pending and profiles stale. The job, run again,
 * enqueues the notifications of its tenants that are not planned yet. `sweep-pending` enqueues both.
 */
import { announceSpending } from '../src/alerts/spending/announce-spending.ts';
import { evaluateBatches } from '../src/alerts/evaluate/evaluate-batches.ts';
import { TenantTurns } from '../src/alerts/evaluate/tenant-turns.ts';
import { expenseEvents } from '../src/alerts/queue.ts';
import { recommendations } from '../src/insight/queue.ts';
import { notifications } from '../src/notify/queue.ts';
import { findUnfinishedNotifications } from '../src/operate/find-unfinished.ts';
import type { Handler } from '../src/runtime/queues/consume.ts';
import { done, skip } from '../src/runtime/queues/outcome.ts';
import type { Services } from '../src/services.ts';
import type { ProfileRef } from '../src/values/refs.ts';

type EvaluateServices = Pick<Services, 'db' | 'clock' | 'queues' | 'metrics' | 'hashPerson'>;

export const evaluateAlerts = ({
  db,
  clock,
  queues,
  metrics,
  hashPerson,
}: EvaluateServices): Handler<(typeof expenseEvents)['schema']> => {
  const turns = new TenantTurns();
  return async (batches, { log, isRepeat }) => {
    const { tenantIds } = batches;
    const result = await evaluateBatches(db, batches, clock.now(), hashPerson, turns.take(tenantIds));
    turns.note(result.waiting);
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
    await announceSpending(db, result.people);
    if (result.events === 0) return skip('applied before');
    for (const outcome of result.outcomes) metrics.decisions.inc({ outcome });
    metrics.appliedSeconds.observe(clock.now().since(result.receivedAt).total('seconds'));
    if (result.failed > 0) log.error({ failed: result.failed }, 'events could not be applied');
    const { events, evaluated, outcomes, failed } = result;
    return done(`${events} events, ${evaluated} evaluated, ${outcomes.length} decisions, ${failed} failed`);
  };
};

/**
 * Profiles that are enqueued: some of each tenant, and of the rest one in so many. A rebuild includes up to twenty other
 * people who wait, and `sweep-pending` finds those whom none includes.
 */
const enqueued = { first: 3, oneIn: 20 } as const;

const profilesToRebuild = (profiles: readonly ProfileRef[]): ProfileRef[] =>
  [...Map.groupBy(profiles, ({ tenantId }) => tenantId).values()].flatMap((ofTenant) =>
    ofTenant.filter((_, index) => index < enqueued.first || index % enqueued.oneIn === 0),
  );

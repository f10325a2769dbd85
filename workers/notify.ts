/**
 * Plans one notification, and enqueues its deliveries. An alert that waits for others keeps its job until the wait ends,
 * and then releases what has waited.
 *
 * A crash before the plan commits leaves the notification pending without deliveries: the job, or `sweep-pending`,
 * plans it from the start. A crash between the plan and the queue signal leaves deliveries pending: the next call
 * finds them planned and enqueues them. A crash before a release commits leaves the alerts due: the job of any of them,
 * `sweep-pending` or `wake-deferred` releases them. A crash after it leaves deliveries pending, which `sweep-pending`
 * enqueues.
 */
import { deliveries } from '../src/deliver/queue.ts';
import { planNotification } from '../src/notify/plan-notification.ts';
import type { notifications } from '../src/notify/queue.ts';
import { releasePerson } from '../src/notify/release-deferred.ts';
import type { PendingDelivery } from '../src/notify/sql/write-plans.ts';
import type { Handler } from '../src/runtime/queues/consume.ts';
import { done, later, skip } from '../src/runtime/queues/outcome.ts';
import type { Queues } from '../src/runtime/queues/enqueue.ts';
import type { Services } from '../src/services.ts';

type NotifyServices = Pick<Services, 'db' | 'clock' | 'channelSetup'> & { queues: Pick<Queues, 'enqueue'> };

export const notify =
  ({ db, clock, queues, channelSetup }: NotifyServices): Handler<(typeof notifications)['schema']> =>
  async ({ correlationId, ...ref }) => {
    const enqueue = (planned: readonly PendingDelivery[]) =>
      queues.enqueue(
        deliveries,
        planned.map((delivery) => ({ ...delivery, correlationId })),
      );
    const plan = await planNotification(db, ref, channelSetup, clock.now());
    if (plan.kind === 'missing') return skip('no such notification');
    if (plan.kind === 'over') return skip(`already ${plan.status}`);
    if (plan.kind === 'due') {
      await enqueue(await releasePerson(db, plan.person, channelSetup, clock.now()));
      return done('released with others');
    }
    await enqueue(plan.deliveries);
    if (plan.waitsUntil) return later(plan.waitsUntil, 'waits for others');
    return plan.kind === 'planned' ? done(plan.verdict) : skip('planned before');
  };

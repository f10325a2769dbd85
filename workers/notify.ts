/**
 * Plans one notification, and enqueues its deliveries.
 *
 * A crash before the plan commits leaves the notification pending without deliveries: the job, or `sweep-pending`,
 * plans it from the start. A crash between the plan and the queue signal leaves deliveries pending: the next call
 * finds them planned and enqueues them.
 */
import { deliveries } from '../src/deliver/queue.ts';
import { planNotification } from '../src/notify/plan-notification.ts';
import type { notifications } from '../src/notify/queue.ts';
import type { Handler } from '../src/runtime/queues/consume.ts';
import { done, skip } from '../src/runtime/queues/outcome.ts';
import type { Queues } from '../src/runtime/queues/enqueue.ts';
import type { Services } from '../src/services.ts';

type NotifyServices = Pick<Services, 'db' | 'clock' | 'channelSetup'> & { queues: Pick<Queues, 'enqueue'> };

export const notify =
  ({ db, clock, queues, channelSetup }: NotifyServices): Handler<(typeof notifications)['schema']> =>
  async ({ correlationId, ...ref }) => {
    const plan = await planNotification(db, ref, channelSetup, clock.now());
    if (plan.kind === 'missing') return skip('no such notification');
    if (plan.kind === 'over') return skip(`already ${plan.status}`);
    await queues.enqueue(
      deliveries,
      plan.deliveries.map((delivery) => ({ ...delivery, correlationId })),
    );
    return plan.kind === 'planned' ? done(plan.verdict) : skip('planned before');
  };

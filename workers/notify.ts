/**
 * Decides one notification and rings for its deliveries.
 *
 * A crash before the plan commits leaves the notification pending without deliveries: the job, or a ring of
 * `sweep-pending`, plans it from the start. A crash between the plan and the ring leaves deliveries pending:
 * the next call finds them planned and rings again. After the ring, the deliveries look after themselves.
 */
import type { Payload } from '../src/contracts/contract.ts';
import type { deliveries, notifications } from '../src/contracts/index.ts';
import { done, skip, type Outcome } from '../src/contracts/outcome.ts';
import type { Handler } from '../src/queue/consume.ts';

type Unsent = readonly { deliveryId: string; channel: string }[];

export type NotifyDependencies = {
  /** Decides a notification and writes its deliveries, once however often it is called. */
  plan(ref: {
    tenantId: string;
    notificationId: string;
  }): Promise<
    | { kind: 'planned'; verdict: string; unsent: Unsent }
    | { kind: 'planned_before'; unsent: Unsent }
    | { kind: 'over'; status: string }
    | { kind: 'missing' }
  >;
  ring(payloads: readonly Payload<typeof deliveries>[]): Promise<void>;
};

export const notify =
  (dependencies: NotifyDependencies): Handler<(typeof notifications)['schema']> =>
  async ({ tenantId, notificationId, correlationId }): Promise<Outcome> => {
    const plan = await dependencies.plan({ tenantId, notificationId });
    if (plan.kind === 'missing') return skip('no such notification');
    if (plan.kind === 'over') return skip(`already ${plan.status}`);
    await dependencies.ring(plan.unsent.map((unsent) => ({ tenantId, ...unsent, correlationId })));
    return plan.kind === 'planned' ? done(plan.verdict) : skip('planned before');
  };

/** Lets people hear the alerts of the levels that are open: in the app, without queues or workers. */
import { sql as statement } from 'kysely';
import { claimDelivery } from '../../../../src/deliver/claim-delivery.ts';
import { recordDelivery } from '../../../../src/deliver/record-delivery.ts';
import { planNotification } from '../../../../src/notify/plan-notification.ts';
import type { Database } from '../../../../src/runtime/database/database.ts';

export async function hearAlerts(db: Database, tenantId: string, now: Temporal.Instant): Promise<void> {
  const channelSetup = {
    configured: new Set(['in-app' as const]),
    monthlyLimits: { email: null, sms: null },
    groupWaitSeconds: 0,
    render: () => ({ title: '', text: '' }),
  };
  const { rows } = await db.transaction([tenantId], (sql) =>
    statement<{ id: string }>`
      select n.id from notification_history n
      join alert_states a on a.tenant_id = n.tenant_id and a.notification_id = n.id
      where n.tenant_id = ${tenantId} and n.status = 'pending' and a.is_open
      order by n.id`.execute(sql),
  );
  for (const { id: notificationId } of rows) {
    const plan = await planNotification(db, { tenantId, notificationId }, channelSetup, now);
    // Planned and heard with another one of the same evaluation.
    if (plan.kind === 'over' && plan.status === 'sent') continue;
    if (plan.kind !== 'planned') throw new Error(plan.kind);
    for (const ref of plan.deliveries) {
      const claim = await claimDelivery(db, ref, now);
      if (claim.kind !== 'claimed') throw new Error(claim.kind);
      const { attempt } = claim.delivery;
      await recordDelivery(db, { ...ref, attempt }, { status: 'sent', reason: null }, now);
    }
  }
}

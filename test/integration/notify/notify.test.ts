import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notify } from '../../../workers/notify.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { waitingNotification } from '../../support/worlds/waiting-notification.ts';
import { expectWaiting } from '../../support/worlds/while-locked.ts';
import type { Sql } from '../../../src/runtime/database/database.ts';
import type { Channel } from '../../../src/values/channels.ts';
import type { NotificationRef } from '../../../src/values/refs.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService({ env: { WORKERS: 'evaluate-alerts' } });
});
afterAll(() => service.stop());

type Enqueued = { tenantId: string; deliveryId: string; channel: string; correlationId: string };

/** The handler as the service runs it, with these channels configured; records the deliveries it enqueues. */
function notifier(...channels: Channel[]) {
  const { db, channelSetup } = service.services;
  const enqueued: Enqueued[][] = [];
  const queues = {
    enqueue: async (_contract: unknown, payloads: readonly unknown[]) =>
      void enqueued.push(payloads as Enqueued[]),
  };
  const handler = notify({
    db,
    clock: service.clock,
    queues,
    channelSetup: { ...channelSetup, configured: new Set(channels) },
  });
  const call = (ref: { tenantId: string; notificationId: string }) =>
    handler({ ...ref, correlationId: 'c1' }, { log: pino({ level: 'silent' }), signal: undefined });
  return { call, enqueued };
}

const readDeliveries = ({ tenantId, notificationId }: { tenantId: string; notificationId: string }) =>
  service.sql
    .selectFrom('notification_deliveries')
    .select(['id', 'channel', 'status', 'attempts', 'failure_reason', 'message'])
    .where('tenant_id', '=', tenantId)
    .where('notification_id', '=', notificationId)
    .orderBy('channel', 'desc')
    .execute();

/** As `people.ts` locks a person for a change of their settings, and for an evaluation. */
const forSettings = statement`for update`;
const forSpending = statement`for no key update`;

const lockPersonOf = (sql: Sql, { tenantId, notificationId }: NotificationRef, lock: typeof forSettings) =>
  statement`
    select from users u
    join notification_history n on n.tenant_id = u.tenant_id and n.user_id = u.id
    where n.tenant_id = ${tenantId} and n.id = ${notificationId}
    ${lock} of u`.execute(sql);

describe('planning a notification', () => {
  test('writes a delivery with its message for each channel, and enqueues those to be sent', async () => {
    const ref = await waitingNotification(service);
    const { call, enqueued } = notifier('in-app');
    expect(await call(ref)).toEqual({ kind: 'done', detail: 'in_app_only' });
    const message = { title: 'All spending: 100% of the monthly budget', text: expect.any(String) };
    const [inApp, email] = await readDeliveries(ref);
    expect(inApp).toMatchObject({ channel: 'in-app', status: 'pending', attempts: 0, message });
    expect(email).toMatchObject({ channel: 'email', status: 'skipped', failure_reason: 'not_configured' });
    const { tenantId } = ref;
    const enqueuedOne = { tenantId, deliveryId: inApp?.id, channel: 'in-app', rank: 1, correlationId: 'c1' };
    expect(enqueued).toEqual([[enqueuedOne]]);
  });

  test('plans a send on each configured channel', async () => {
    const ref = await waitingNotification(service);
    const { call, enqueued } = notifier('in-app', 'email');
    expect(await call(ref)).toEqual({ kind: 'done', detail: 'send' });
    expect(enqueued.flat().map(({ channel }) => channel)).toEqual(['in-app', 'email']);
  });

  test('twice leaves one set of deliveries, and enqueues the pending ones again', async () => {
    const ref = await waitingNotification(service);
    const { call, enqueued } = notifier('in-app', 'email');
    await call(ref);
    const planned = await readDeliveries(ref);
    expect(await call(ref)).toEqual({ kind: 'skip', reason: 'planned before' });
    expect(await readDeliveries(ref)).toEqual(planned);
    expect(enqueued[1]?.map(({ deliveryId }) => deliveryId).toSorted()).toEqual(
      planned.map(({ id }) => id).toSorted(),
    );
  });

  test('by five workers at the same moment leaves one set of deliveries', async () => {
    const ref = await waitingNotification(service);
    const { call } = notifier('in-app', 'email', 'sms');
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => call(ref)));
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect(await readDeliveries(ref)).toHaveLength(2);
  });

  test('waits while the person changes their preferences, and follows the new ones', async () => {
    const ref = await waitingNotification(service);
    const { call } = notifier('in-app', 'email');
    const { outcome } = await service.sql.transaction().execute(async (changing) => {
      await lockPersonOf(changing, ref, forSettings);
      await statement`
        update users u set snooze_until = ${service.clock.now().add({ hours: 1 }).toString()}
        from notification_history n
        where n.tenant_id = ${ref.tenantId} and n.id = ${ref.notificationId}
          and u.tenant_id = n.tenant_id and u.id = n.user_id`.execute(changing);
      const outcome = call(ref);
      await expectWaiting(service.sql, 1);
      // Wrapped in an object, because a transaction waits for a promise that it returns.
      return { outcome };
    });
    expect(await outcome).toEqual({ kind: 'done', detail: 'defer' });
    expect(await readDeliveries(ref)).toMatchObject([{ channel: 'in-app' }]);
  });

  test('waits while the person changes the rule, and follows the changed rule', async () => {
    const quietHours = { enabled: true, start: '12:00', end: '13:00' };
    const ref = await waitingNotification(service, { quietHours });
    const { call } = notifier('in-app', 'email');
    const { outcome } = await service.sql.transaction().execute(async (changing) => {
      await lockPersonOf(changing, ref, forSettings);
      await statement`
        update smart_alert_rules r set quiet_hours = null
        from notification_history n
        where n.tenant_id = ${ref.tenantId} and n.id = ${ref.notificationId}
          and r.tenant_id = n.tenant_id and r.id = n.rule_id`.execute(changing);
      const outcome = call(ref);
      await expectWaiting(service.sql, 1);
      return { outcome };
    });
    expect(await outcome).toEqual({ kind: 'done', detail: 'send' });
  });

  test('does not wait while the person’s spending is evaluated', async () => {
    const ref = await waitingNotification(service);
    const { call } = notifier('in-app', 'email');
    await service.sql.transaction().execute(async (evaluating) => {
      await lockPersonOf(evaluating, ref, forSpending);
      expect(await call(ref)).toEqual({ kind: 'done', detail: 'send' });
    });
  });

  test('that is cancelled or does not exist does nothing', async () => {
    const ref = await waitingNotification(service);
    await service.sql
      .updateTable('notification_history')
      .set({ status: 'cancelled' })
      .where('tenant_id', '=', ref.tenantId)
      .where('id', '=', ref.notificationId)
      .execute();
    const { call, enqueued } = notifier('in-app');
    expect(await call(ref)).toEqual({ kind: 'skip', reason: 'already cancelled' });
    const unknown = { ...ref, notificationId: randomUUID() };
    expect(await call(unknown)).toEqual({ kind: 'skip', reason: 'no such notification' });
    expect(await readDeliveries(ref)).toEqual([]);
    expect(enqueued).toEqual([]);
  });
});

import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import type { Contract } from '../../../src/runtime/queues/contract.ts';
import { dead } from '../../../src/runtime/queues/outcome.ts';
import {
  findUnfinishedDeliveries,
  findUnfinishedNotifications,
} from '../../../src/operate/find-unfinished.ts';
import { listRuns } from '../../../src/operate/job-runs.ts';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import { consume } from '../../../src/runtime/queues/consume.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { expenseEvents } from '../../../src/alerts/queue.ts';
import { notifications } from '../../../src/notify/queue.ts';
import { deliveries } from '../../../src/deliver/queue.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

let service: TestService;

afterEach(() => service.stop());

const sweep = () => runJobNow(service.services, 'sweep-pending', service.clock.now());

/** Commits an event of each tenant in one batch, as the inbox does, and enqueues nothing. */
async function commitWithoutSignal(tenantIds: readonly string[]): Promise<string> {
  const now = service.clock.now();
  const events = tenantIds.map((tenantId) => ({
    tenantId,
    source: 'api',
    id: randomUUIDv7(),
    type: 'expense.created' as const,
    sequence: null,
    replaces: null,
    time: now,
    expenseId: randomUUIDv7(),
    expense: {
      userId: 'p01',
      categoryId: 'groceries',
      merchant: null,
      description: null,
      ...plain,
      amountMinor: 4210n,
      currency: 'USD',
      spentAt: now,
    },
  }));
  const batchId = randomUUIDv7();
  await storeEvents(service.services.db, batchId, events, now);
  return batchId;
}

async function insertNotification(status: string): Promise<string> {
  const id = randomUUIDv7();
  await service.sql
    .insertInto('notification_history')
    .values({
      tenant_id: service.tenant.tenantId,
      id,
      user_id: 'p01',
      type: 'budget_alert',
      severity: 'info',
      title: 'title',
      message: 'text',
      is_silent: false,
      status,
      created_at: service.clock.now().toString(),
    })
    .execute();
  return id;
}

async function insertDelivery(notificationId: string, channel: string, status: string): Promise<string> {
  const id = randomUUIDv7();
  await service.sql
    .insertInto('notification_deliveries')
    .values({
      tenant_id: service.tenant.tenantId,
      id,
      notification_id: notificationId,
      channel,
      status,
      attempts: 0,
      message: { title: 'title', text: 'text' },
      changed_at: service.clock.now().toString(),
    })
    .execute();
  return id;
}

/** The payloads that wait in a contract's queue. */
async function queued(contract: Contract): Promise<unknown[]> {
  const queue = service.services.queues.all.find(({ name }) => name === contract.name);
  const jobs = (await queue?.getJobs(['waiting', 'prioritized', 'delayed'])) ?? [];
  return jobs.map((job) => job.data);
}

describe('the sweep', () => {
  beforeEach(async () => {
    service = await startService({ roles: [] });
  });

  it('enqueues a batch of several tenants once, more than 20 seconds after its commit', async () => {
    const tenantIds = [service.tenant.tenantId, (await service.anotherTenant()).tenantId].toSorted();
    const batchId = await commitWithoutSignal(tenantIds);
    service.clock.advance({ seconds: 20 });
    await sweep();
    expect(await queued(expenseEvents)).toEqual([]);

    service.clock.advance({ seconds: 1 });
    expect(await sweep()).toMatchObject({
      outcome: 'rung again for 1 batches, 0 notifications, 0 deliveries, 0 profiles',
    });
    await sweep();
    expect(await queued(expenseEvents)).toEqual([{ batchIds: [batchId], tenantIds, events: 2 }]);
  });

  it('leaves out the tenants for whom a batch was applied', async () => {
    const [first, second] = [service.tenant.tenantId, (await service.anotherTenant()).tenantId];
    const batchId = await commitWithoutSignal([first, second]);
    await service.sql
      .updateTable('event_batches')
      .set({ applied_at: service.clock.now().toString() })
      .where('tenant_id', '=', first)
      .execute();
    service.clock.advance({ seconds: 31 });
    await sweep();
    expect(await queued(expenseEvents)).toEqual([{ batchIds: [batchId], tenantIds: [second], events: 1 }]);
  });

  it('enqueues notifications without a plan and unfinished deliveries, and no others', async () => {
    const { tenantId } = service.tenant;
    const [pending, planned] = [await insertNotification('pending'), await insertNotification('pending')];
    const others = await Promise.all(['deferred', 'capped', 'sent', 'cancelled'].map(insertNotification));
    const waiting = await insertDelivery(planned, 'email', 'pending');
    const sending = await insertDelivery(planned, 'sms', 'sending');
    await Promise.all(others.map((id) => insertDelivery(id, 'email', 'sent')));

    service.clock.advance({ seconds: 20 });
    await sweep();
    expect(await queued(notifications)).toEqual([]);
    expect(await queued(deliveries)).toEqual([]);

    service.clock.advance({ seconds: 1 });
    await sweep();
    expect(await queued(notifications)).toEqual([
      { tenantId, notificationId: pending, correlationId: pending },
    ]);
    const enqueued = await queued(deliveries);
    expect(enqueued).toHaveLength(2);
    expect(enqueued).toEqual(
      expect.arrayContaining([
        { tenantId, deliveryId: waiting, channel: 'email', rank: 3, correlationId: waiting },
        { tenantId, deliveryId: sending, channel: 'sms', rank: 3, correlationId: sending },
      ]),
    );
  });

  it('finds rows that lost their queue signal behind thousands that wait for a mail server', async () => {
    const { tenantId } = service.tenant;
    await statement`
      with notified as (
        insert into notification_history (tenant_id, id, user_id, type, severity, title, message, is_silent,
          status, created_at)
        select ${tenantId}, gen_random_uuid(), 'p01', 'budget_alert', 'info', 'title', 'text', false, 'pending',
          ${service.clock.now().toString()}
        from generate_series(1, 2001)
        returning tenant_id, id, created_at
      )
      insert into notification_deliveries (tenant_id, id, notification_id, channel, status, attempts, message,
        changed_at, failure_reason)
      select tenant_id, gen_random_uuid(), id, 'email', 'pending', 1, '{"title":"title","text":"text"}', created_at,
        'http_503'
      from notified`.execute(service.sql);
    service.clock.advance({ seconds: 1 });
    const [pending, planned] = [await insertNotification('pending'), await insertNotification('pending')];
    const lost = [
      await insertDelivery(planned, 'sms', 'pending'),
      await insertDelivery(planned, 'email', 'pending'),
    ];
    service.clock.advance({ seconds: 21 });

    const { db, clock } = service.services;
    const [pendingNotifications, pendingDeliveries] = await db.transaction([tenantId], async (sql) => [
      await findUnfinishedNotifications(sql, [tenantId], clock.now()),
      await findUnfinishedDeliveries(sql, [tenantId], clock.now()),
    ]);
    expect(pendingNotifications).toEqual([{ tenantId, notificationId: pending }]);
    expect(pendingDeliveries.map(({ deliveryId }) => deliveryId)).toEqual(expect.arrayContaining(lost));
    // Of each channel with a provider, those that send find the rest in the table.
    expect(pendingDeliveries).toHaveLength(201);
  });

  it('enqueues a batch again whose job failed for good', async () => {
    const { backend, log, metrics, queues } = service.services;
    const { clock } = service;
    const batchId = await commitWithoutSignal([service.tenant.tenantId]);
    await queues.enqueue(expenseEvents, [
      { batchIds: [batchId], tenantIds: [service.tenant.tenantId], events: 1 },
    ]);
    const options = { concurrency: 1, clock, log, metrics };
    const worker = consume(backend, expenseEvents, async () => dead('no luck'), options);
    const queue = queues.all.find(({ name }) => name === expenseEvents.name);
    await vi.waitFor(async () => expect(await queue?.getFailedCount()).toBe(1), 10_000);
    await worker.close();
    expect(await queued(expenseEvents)).toEqual([]);

    clock.advance({ seconds: 31 });
    await sweep();
    expect(await queued(expenseEvents)).toMatchObject([{ batchIds: [batchId] }]);
  });

  it('is recorded as a run when it runs in the foreground', async () => {
    const { outcome } = await sweep();
    expect(await listRuns(service.sql, service.clock.now())).toEqual([
      {
        job: 'sweep-pending',
        slot: service.clock.now(),
        status: 'done',
        outcome,
        changedAt: service.clock.now(),
      },
    ]);
  });

  it('leaves no record of a slot in the future', async () => {
    await runJobNow(service.services, 'sweep-pending', service.clock.now().add({ minutes: 1 }));
    expect(await listRuns(service.sql, service.clock.now())).toEqual([]);
  });
});

it('a batch that was committed and never enqueued is applied once a clock and a worker run', async () => {
  service = await startService({ roles: [] });
  const batchId = await commitWithoutSignal([service.tenant.tenantId]);
  service.clock.advance({ seconds: 31 });
  const { databaseUrl, clock } = service;
  const running = await startService({ roles: ['worker', 'clock'], databaseUrl, clock });
  await running.settled();
  const batch = await service.sql
    .selectFrom('event_batches')
    .select('applied_at')
    .where('id', '=', batchId)
    .executeTakeFirst();
  expect(batch?.applied_at).not.toBeNull();
  await running.stop();
});

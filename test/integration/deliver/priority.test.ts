/** What waits for a full channel goes out by rank and age, of each tenant in turn; alerts need not wait for digests. */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliveries } from '../../../src/deliver/queue.ts';
import { ranks } from '../../../src/values/rank.ts';
import { Person } from '../../support/worlds/person.ts';
import { MailServer } from '../../support/servers/smtp-server.ts';
import { startService, type TestService, type TestTenant } from '../../support/servers/service.ts';

let mail: MailServer;
let service: TestService;
beforeAll(async () => {
  mail = await MailServer.start();
  service = await startService({
    env: { SMTP_URL: mail.url, MAIL_FROM: 'Spendwatch <alerts@example.com>' },
    queuePrefix: 'priority',
  });
});
afterAll(async () => {
  await service.stop();
  await mail.stop();
});

/** Writes digests that wait to be mailed, and enqueues them as the job does that makes them. */
async function makeDigests({ tenantId }: TestTenant, name: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => ({
    notificationId: randomUUID(),
    deliveryId: randomUUID(),
  }));
  const now = service.clock.now().toString();
  await statement`
    with given as (
      select * from unnest(
        ${ids.map(({ notificationId }) => notificationId)}::uuid[],
        ${ids.map(({ deliveryId }) => deliveryId)}::uuid[]
      ) with ordinality as given (notification_id, delivery_id, number)
    ), people as (
      insert into users (tenant_id, id, email, registered_at)
      select ${tenantId}::uuid, ${name} || number, ${name} || number || '@example.com', ${now}::timestamptz from given
    ), notifications as (
      insert into notification_history (tenant_id, id, user_id, type, severity, title, message, is_silent, status,
        created_at)
      select ${tenantId}::uuid, notification_id, ${name} || number, 'daily_summary', 'info', 'Yesterday', 'x', false,
        'pending', ${now}::timestamptz
      from given
    )
    insert into notification_deliveries (tenant_id, id, notification_id, channel, rank, status, attempts, message,
      changed_at)
    select ${tenantId}::uuid, delivery_id, notification_id, 'email', ${ranks.other}::smallint, 'pending', 0,
      '{"title":"Yesterday","text":"x"}'::jsonb, ${now}::timestamptz + number * interval '1 microsecond'
    from given`.execute(service.sql);
  await service.services.queues.enqueue(
    deliveries,
    ids.map(({ deliveryId }) => ({
      tenantId,
      deliveryId,
      channel: 'email',
      rank: ranks.other,
      correlationId: 'test',
    })),
  );
}

test('a critical alert is mailed while all slots for digests are in use, and each digest is mailed once', async () => {
  const gate = Promise.withResolvers<void>();
  mail.behaviour = { onTaken: () => gate.promise };
  const other = await service.anotherTenant();
  await makeDigests(service.tenant, 'a', 40);
  await expect.poll(() => mail.mails.length).toBe(4);
  await makeDigests(other, 'b', 4);

  const person = await Person.arrives(service);
  await service.put(`/api/users/${person.userId}`, { email: 'alert@example.com' }, service.tenant.adminKey);
  const thresholds = [{ percent: 100, severity: 'critical' }];
  await person.watches('10.00', { channels: ['in-app', 'email'], thresholds });
  await person.spends('12.00');
  await expect
    .poll(() => mail.mails.map(({ to }) => to[0]), { timeout: 20_000 })
    .toContain('alert@example.com');
  // It came beside the digests that are under way, and before all others.
  expect(mail.mails).toHaveLength(5);

  gate.resolve();
  await service.settled();
  const sent = mail.mails.map(({ to }) => to[0] ?? '');
  expect(sent).toHaveLength(45);
  expect(new Set(sent).size).toBe(45);
  // The other tenant's digests did not wait for all of the first tenant's.
  const lastOfOther = sent.findLastIndex((address) => address.startsWith('b'));
  expect(lastOfOther).toBeLessThan(25);
}, 60_000);

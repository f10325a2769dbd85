/** The whole service with every channel configured: messages arrive on each, and one provider delays no other. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ChannelServers } from '../../support/servers/channel-servers.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let servers: ChannelServers;
let service: TestService;

beforeAll(async () => {
  servers = await ChannelServers.start();
  service = await startService({ env: servers.settings });
});
afterAll(async () => {
  await service.stop();
  await servers.stop();
});

type Person = { userId: string; token: string; email: string; phone: string };

/** A person with a budget of 100.00 that alerts on these channels. */
async function arrive(channels: string[], nth = 0): Promise<Person> {
  const userId = randomUUID();
  const token = await service.token(userId);
  const email = `${userId}@example.com`;
  const phone = `+1555${String(1_000_000 + nth)}`;
  await service.put(`/api/users/${userId}`, { email, phone }, service.tenant.adminKey);
  await service.post('/api/smart-alerts/rules', { budgetAmount: '100.00', channels }, token);
  return { userId, token, email, phone };
}

async function overspend({ userId }: Person): Promise<void> {
  const now = service.clock.now().toString();
  const expense = { userId, categoryId: 'groceries', amount: '120.00', currency: 'USD', spentAt: now };
  const data = { expenseId: randomUUID(), ...expense };
  const event = { id: randomUUID(), type: 'expense.created', time: now, data };
  expect((await service.post('/api/events', event)).status).toBe(202);
}

const readNotifications = async ({ token }: Person) =>
  (await service.get('/api/smart-alerts/notifications', token)).body.data;

test('an alert arrives on every channel, and the subscription of a browser that is gone is deleted', async () => {
  const { mail, sms, push } = servers;
  const person = await arrive(['in-app', 'email', 'sms', 'push']);
  for (const id of ['phone', 'old-phone']) {
    const { endpoint, p256dh, auth } = push.subscribe(id);
    const body = { endpoint, keys: { p256dh, auth } };
    const answer = await service.post('/api/smart-alerts/push-subscriptions', body, person.token);
    expect(answer.status).toBe(201);
  }
  push.unsubscribe('old-phone');
  await overspend(person);
  await service.settled();
  const [notification] = await readNotifications(person);
  expect(notification.status).toBe('sent');
  expect(
    notification.deliveries.map(({ channel, status }: { channel: string; status: string }) => [
      channel,
      status,
    ]),
  ).toEqual([
    ['in-app', 'sent'],
    ['email', 'sent'],
    ['sms', 'sent'],
    ['push', 'sent'],
  ]);
  expect(mail.mails).toMatchObject([{ to: [person.email] }]);
  expect(mail.mails[0]?.headers).toMatchObject({
    'list-unsubscribe': expect.stringMatching(/^<https:\/\/spendwatch\.example\/.+>$/),
  });
  const text = expect.stringMatching(
    /^Test: .*120%, \$20\.00 over\. https:\/\/spendwatch\.example\/n\/[\w-]{44} Reply STOP/,
  );
  expect(sms.taken).toMatchObject([{ to: person.phone, text }]);
  expect(mail.mails[0]?.headers).toMatchObject({ from: expect.stringMatching(/^Test </) });
  expect(push.taken).toMatchObject([{ subscriptionId: 'phone' }]);
  const { body } = await service.get('/api/smart-alerts/push-subscriptions', person.token);
  expect(body.data).toHaveLength(1);
  const { body: metrics } = await service.get('/metrics');
  expect(metrics).toMatch(/spendwatch_sms_segments_bucket\{le="1"\} 1/);
});

test('a mail server that hangs holds up at most five alerts, and every other message goes out', async () => {
  const { mail, sms } = servers;
  mail.wire.fallSilent();
  const people = await Promise.all(
    Array.from({ length: 24 }, (_, nth) => arrive(['in-app', 'email', 'sms'], nth + 1)),
  );
  for (const person of people) await overspend(person);
  const others = people.map(({ phone }) => phone);
  const mailsUnder = async (...statuses: string[]): Promise<number> => {
    const rows = await service.sql
      .selectFrom('notification_deliveries')
      .select('id')
      .where('status', 'in', statuses)
      .where('channel', '=', 'email')
      .execute();
    return rows.length;
  };
  // The limiter frees a slot once a send is given up, so the test counts the sends at one time.
  let mostSending = 0;
  await vi.waitFor(
    async () => {
      mostSending = Math.max(mostSending, await mailsUnder('sending'));
      expect(sms.taken.map(({ to }) => to)).toEqual(expect.arrayContaining(others));
    },
    { timeout: 40_000, interval: 10 },
  );
  expect(mostSending).toBeGreaterThan(0);
  expect(mostSending).toBeLessThanOrEqual(5);
  expect(await mailsUnder('pending', 'sending')).toBe(24);
  await vi.waitFor(async () => {
    for (const person of people) {
      const [{ deliveries: own }] = await readNotifications(person);
      expect(own.find(({ channel }: { channel: string }) => channel === 'in-app').status).toBe('sent');
    }
  }, 20_000);
});

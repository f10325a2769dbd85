/** Ceilings that nothing passes: rules of a person, their interruptions and their SMS in a local day. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { runJobNow } from '../../../jobs/index.ts';
import { ChannelServers } from '../../support/servers/channel-servers.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let servers: ChannelServers;
let service: TestService;
beforeAll(async () => {
  servers = await ChannelServers.start();
  service = await startService({
    clock: new SteppedClock('2026-11-10T12:00:00Z'),
    env: { ...servers.settings, USER_RATE_LIMIT: '100000' },
    queuePrefix: 'ceilings',
  });
});
afterAll(async () => {
  await service.stop();
  await servers.stop();
});

const rules = '/api/smart-alerts/rules';
const rule = (number: number) => ({
  name: `Visit ${number}`,
  budgetAmount: '0.01',
  thresholds: [{ percent: 1, severity: 'critical' }],
  channels: ['in-app', 'sms', 'email'],
  maxNotificationsPerDay: 1,
});

async function arrive(userId: string): Promise<string> {
  const address = { email: `${userId}@example.com`, phone: '+4915112345678' };
  await service.put(`/api/users/${userId}`, address, service.tenant.adminKey);
  return service.token(userId);
}

async function spend(userId: string, id: string, amount = '1.00'): Promise<void> {
  const now = service.clock.now().toString();
  const data = { expenseId: id, userId, categoryId: 'food', amount, currency: 'USD', spentAt: now };
  await service.post('/api/events', { id, type: 'expense.created', time: now, data });
  await service.settled();
}

test('of 600 critical rules 100 are taken, and they cause 30 interruptions with 10 SMS', async () => {
  const token = await arrive('flooder');
  await spend('flooder', 'first');
  const statuses: number[] = [];
  for (let number = 0; number < 600; number += 1)
    statuses.push((await service.post(rules, rule(number), token)).status);
  expect(statuses.map((status) => (status === 201 ? 'taken' : status))).toEqual([
    ...Array(100).fill('taken'),
    ...Array(500).fill(409),
  ]);
  await service.settled();
  expect(servers.sms.taken).toHaveLength(10);
  expect(servers.mail.mails).toHaveLength(30);

  const { body } = await service.get('/api/smart-alerts/notifications?limit=200', token);
  const all: {
    status: string;
    reason?: string;
    deliveries: { channel: string; failureReason?: string }[];
  }[] = body.data;
  expect(all).toHaveLength(100);
  const sent = all.filter(({ status }) => status === 'sent');
  const held = sent.filter(({ deliveries }) =>
    deliveries.some(({ channel, failureReason }) => channel === 'sms' && failureReason === 'ceiling'),
  );
  expect([sent.length, held.length]).toEqual([30, 20]);
  const waiting = all.filter(({ status, reason }) => status === 'capped' && reason === 'ceiling');
  expect(waiting).toHaveLength(70);

  service.clock.moveTo(Temporal.Instant.from('2026-11-11T08:30:00Z'));
  await runJobNow(service.services, 'daily-summary', service.clock.now());
  await service.settled();
  expect(servers.mail.mails).toHaveLength(31);
  const after = await service.get('/api/smart-alerts/notifications?limit=200', token);
  const merged = after.body.data.filter(({ status }: { status: string }) => status === 'merged');
  expect(merged.map(({ reason }: { reason: string }) => reason)).toEqual(Array(70).fill('ceiling'));
}, 120_000);

test('a rule that is switched off makes room for another, and one beyond the limit is not switched on', async () => {
  const token = await arrive('keeper');
  const ids: string[] = [];
  for (let number = 0; number < 100; number += 1)
    ids.push((await service.post(rules, { budgetAmount: '10.00' }, token)).body.data.id);
  const refused = await service.post(rules, { budgetAmount: '10.00' }, token);
  expect(refused).toMatchObject({
    status: 409,
    body: { detail: 'A person may have 100 active rules. Switch one off first.' },
  });
  const off = await service.post(rules, { budgetAmount: '10.00', isActive: false }, token);
  expect(off.status).toBe(201);
  const on = () => service.put(`${rules}/${off.body.data.id}`, { isActive: true }, token);
  expect((await on()).status).toBe(409);
  await service.delete(`${rules}/${ids[0]}`, token);
  const racing = await Promise.all([on(), service.post(rules, { budgetAmount: '10.00' }, token)]);
  expect(racing.filter(({ status }) => status === 409)).toHaveLength(1);
  expect(await service.put(`${rules}/${ids[1]}`, { budgetAmount: '20.00' }, token)).toMatchObject({
    status: 200,
  });
}, 60_000);

test('without a channel below its ceiling an alert is told with the next digest', async () => {
  const token = await arrive('texter');
  await spend('texter', 'texter-first');
  const bySms = { ...rule(0), channels: ['in-app', 'sms'] };
  for (let number = 0; number < 12; number += 1) await service.post(rules, bySms, token);
  await service.settled();
  const { body } = await service.get('/api/smart-alerts/notifications?limit=200', token);
  const reasons: (string | undefined)[] = body.data.map(({ status, reason }: Record<string, string>) =>
    status === 'sent' ? 'sent' : reason,
  );
  expect(reasons.filter((reason) => reason === 'sent')).toHaveLength(10);
  expect(reasons.filter((reason) => reason === 'ceiling')).toHaveLength(2);
}, 60_000);

test('an SMS of a recovery counts towards the ten of a day, though it is no interruption', async () => {
  const token = await arrive('recovering');
  await service.post(rules, { ...rule(0), channels: ['in-app', 'sms'], notifyOnRecovery: true }, token);
  await spend('recovering', 'recovering-first');
  await spend('recovering', 'recovering-refund', '-1.00');
  const day = await service.sql
    .selectFrom('daily_interruptions')
    .select(['sms', 'count'])
    .where('user_id', '=', 'recovering')
    .executeTakeFirstOrThrow();
  expect(day).toEqual({ sms: 2, count: 1 });
});

/** The mails and SMS of a tenant's calendar month, beyond which nothing goes out, critical alerts included. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMonthlyUsage } from '../../../src/notify/sql/lock-monthly-quota.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { runJobNow } from '../../../jobs/index.ts';
import { ChannelServers } from '../../support/servers/channel-servers.ts';
import { runCommand, runLine } from '../../support/servers/command-line.ts';
import { startService, type TestService, type TestTenant } from '../../support/servers/service.ts';

let servers: ChannelServers;
let service: TestService;
let env: Record<string, string>;
beforeAll(async () => {
  servers = await ChannelServers.start();
  const limits = { SMS_MONTHLY_LIMIT: '3', MAIL_MONTHLY_LIMIT: '6' };
  service = await startService({
    clock: new SteppedClock('2026-11-30T12:00:00Z'),
    env: { ...servers.settings, ...limits },
    queuePrefix: 'monthly-limits',
  });
  env = { DATABASE_URL: service.databaseUrl, ...limits };
});
afterAll(async () => {
  await service.stop();
  await servers.stop();
});

type Channel = 'in-app' | 'sms' | 'email';
const bothWays: Channel[] = ['in-app', 'sms', 'email'];

/** Makes a person and a critical alert of theirs, on these channels. */
async function alert(tenant: TestTenant, userId: string, channels = bothWays): Promise<string> {
  const { tenantId } = tenant;
  const address = { email: `${userId}@example.com`, phone: '+4915112345678' };
  await service.put(`/api/users/${userId}`, address, tenant.adminKey);
  const token = await service.token(userId, { tenantId });
  const rule = { budgetAmount: '0.01', thresholds: [{ percent: 1, severity: 'critical' }], channels };
  await service.post('/api/smart-alerts/rules', rule, token);
  const now = service.clock.now().toString();
  const data = {
    expenseId: userId,
    userId,
    categoryId: 'food',
    amount: '1.00',
    currency: 'USD',
    spentAt: now,
  };
  await service.post('/api/events', { id: userId, type: 'expense.created', time: now, data }, tenant.apiKey);
  return token;
}

type Listed = {
  type: string;
  status: string;
  reason?: string;
  deliveries: { channel: string; status: string; failureReason?: string }[];
};

const notifications = async (token: string): Promise<Listed[]> =>
  (await service.get('/api/smart-alerts/notifications?limit=200', token)).body.data;

const counts = () => ({ mails: servers.mail.mails.length, sms: servers.sms.taken.length });

/** By the service's clock. The command line has the real one. */
const used = async ({ tenantId }: TestTenant) => {
  const { db, clock, channelSetup } = service.services;
  const usage = await db.transaction([tenantId], (sql) =>
    readMonthlyUsage(sql, tenantId, channelSetup.monthlyLimits, clock.now()),
  );
  return usage?.used;
};

test('the SMS and then the mails of a month end, other channels go on, and digests stay in the app', async () => {
  const tenant = await service.anotherTenant();
  const before = counts();
  const people = Array.from({ length: 8 }, (_, index) => `m${index}`);
  const tokens = await Promise.all(people.map((userId) => alert(tenant, userId)));
  await service.settled();
  expect(counts()).toEqual({ mails: before.mails + 6, sms: before.sms + 3 });
  const told = (await Promise.all(tokens.map(notifications))).flat();
  const shape = ({ status, reason, deliveries }: Listed) => {
    const skipped = deliveries.filter((each) => each.failureReason === 'ceiling');
    return [status, reason ?? null, ...skipped.map(({ channel }) => channel)].join(' ');
  };
  expect(told.map(shape).sort()).toEqual([
    ...Array(2).fill('capped ceiling'),
    ...Array(3).fill('sent '),
    ...Array(3).fill('sent  sms'),
  ]);

  await runJobNow(service.services, 'daily-summary', service.clock.now());
  service.clock.moveTo(Temporal.Instant.from('2026-11-30T23:00:00Z'));
  const shown = await runCommand(env, 'tenant', 'limits', '--tenant', tenant.tenantId);
  expect(shown).toMatchObject({ mail: { limit: 6, own: null }, sms: { limit: 3, own: null } });

  // In December's first digest is what November's limit held back, and the new month counts anew.
  service.clock.moveTo(Temporal.Instant.from('2026-12-01T08:30:00Z'));
  await runJobNow(service.services, 'daily-summary', service.clock.now());
  await service.settled();
  expect(counts().mails).toBe(before.mails + 6 + 6);
  const digests = (await Promise.all(tokens.map(notifications)))
    .flat()
    .filter(({ type }) => type === 'daily_summary');
  const byMail = digests.map(({ status, deliveries }) => {
    const mail = deliveries.find(({ channel }) => channel === 'email');
    return `${status}, by mail ${mail?.failureReason ?? mail?.status}`;
  });
  expect(byMail.sort()).toEqual([
    ...Array(2).fill('sent, by mail ceiling'),
    ...Array(6).fill('sent, by mail sent'),
  ]);
});

test('a limit of the tenant goes before the settings’, and one tenant’s use is not another’s', async () => {
  const tenant = await service.anotherTenant();
  const limit = ['tenant', 'limits', '--tenant', tenant.tenantId];
  expect(await runCommand(env, ...limit, '--sms', '0', '--mail', '1')).toMatchObject({
    mail: { limit: 1, own: 1, used: null },
    sms: { limit: 0, own: 0, used: null },
  });
  const before = counts();
  await alert(tenant, 'n1');
  await alert(tenant, 'n2', ['in-app', 'sms']);
  await service.settled();
  expect(counts()).toEqual({ mails: before.mails + 1, sms: before.sms });
  expect(await used(tenant)).toEqual({ email: 1, sms: 0 });
  const ran = await runLine(env, ...limit, '--sms', 'default');
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(ran.stdout).toMatch(
    /^\d{4}-\d\d\nmails: \d of 1, its own limit\nSMS: \d of 3, the settings’ limit\n$/,
  );
  await alert(await service.anotherTenant(), 'n3');
  await service.settled();
  expect(counts()).toEqual({ mails: before.mails + 2, sms: before.sms + 1 });
});

test('what quiet hours held back counts when it is released, and what is beyond the limit waits for a digest', async () => {
  const tenant = await service.anotherTenant();
  await runCommand(env, 'tenant', 'limits', '--tenant', tenant.tenantId, '--sms', '1');
  service.clock.moveTo(Temporal.Instant.from('2026-12-03T23:00:00Z'));
  const before = counts();
  const tokens: string[] = [];
  for (const userId of ['q1', 'q2', 'q3']) {
    const token = await alert(tenant, userId, ['in-app', 'sms']);
    await service.put('/api/smart-alerts/preferences', { criticalInterrupts: false }, token);
    tokens.push(token);
  }
  await service.settled();
  service.clock.moveTo(Temporal.Instant.from('2026-12-04T08:00:00Z'));
  await runJobNow(service.services, 'wake-deferred', service.clock.now());
  await service.settled();
  const told = (await Promise.all(tokens.map(notifications))).flat();
  const smsSent = counts().sms - before.sms;
  expect(smsSent).toBe(1);
  expect(told.filter(({ status, reason }) => status === 'capped' && reason === 'ceiling')).toHaveLength(2);
});

test.each([
  ['--sms', '-1'],
  ['--sms', '1.5'],
  ['--mail', '9999999999'],
  ['--mail', 'none'],
])('%s %s is refused', async (option, value) => {
  const ran = await runLine(env, 'tenant', 'limits', '--tenant', service.tenant.tenantId, option, value);
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.stderr).toContain(option);
});

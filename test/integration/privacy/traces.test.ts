/** A person with messages on every channel is erased, and no trace is left in tables, queues, Redis, caches or the log. */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { runLine } from '../../support/servers/command-line.ts';
import { openRedis, waitUntilReady } from '../../../src/runtime/redis.ts';
import { ChannelServers } from '../../support/servers/channel-servers.ts';
import { whyNoRedis } from '../../support/servers/redis.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { findInRedis, findInTables } from '../../support/worlds/traces.ts';

const lines: string[] = [];
let servers: ChannelServers;
let service: TestService;
beforeAll(async () => {
  servers = await ChannelServers.start();
  const redis = whyNoRedis === null ? { redisUrl: inject('redisServer') ?? '' } : {};
  const log = { write: (line: string) => void lines.push(line) };
  service = await startService({ env: servers.settings, log, ...redis });
});
afterAll(async () => {
  await service.stop();
  await servers.stop();
});

/** Texts that occur nowhere else. The id is one of them. */
const canariesOf = (userId: string) => ({
  userId,
  name: `Name ${randomUUID()}`,
  email: `${randomUUID()}@example.com`,
  phone: `+1555${String(Math.floor(1_000_000 + Math.random() * 8_999_999))}`,
  merchant: `SHOP ${randomUUID()}`,
  description: `Words ${randomUUID()}`,
  ruleName: `Rule ${randomUUID()}`,
  expenseId: `exp-${randomUUID()}`,
  eventId: `evt-${randomUUID()}`,
  browser: `browser-${randomUUID()}`,
});
type Canaries = ReturnType<typeof canariesOf>;

async function arrives(): Promise<{ canaries: Canaries; token: string }> {
  const canaries = canariesOf(`person-${randomUUID()}`);
  const { userId, name, email, phone, ruleName } = canaries;
  await service.put(`/api/users/${userId}`, { name, email, phone }, service.tenant.adminKey);
  const token = await service.token(userId);
  const { endpoint, p256dh, auth } = servers.push.subscribe(canaries.browser);
  const subscription = { endpoint, keys: { p256dh, auth } };
  expect((await service.post('/api/smart-alerts/push-subscriptions', subscription, token)).status).toBe(201);
  const rule = { name: ruleName, budgetAmount: '100.00', channels: ['in-app', 'email', 'sms', 'push'] };
  expect((await service.post('/api/smart-alerts/rules', rule, token)).status).toBe(201);
  return { canaries, token };
}

async function spends(
  { userId, merchant, description, expenseId, eventId }: Canaries,
  amount: string,
  nth = '',
) {
  const time = service.clock.now().toString();
  const data = { userId, categoryId: 'food', amount, currency: 'USD', spentAt: time, merchant, description };
  const event = {
    id: eventId + nth,
    type: 'expense.created',
    time,
    data: { expenseId: expenseId + nth, ...data },
  };
  expect((await service.post('/api/events', event)).status).toBe(202);
  await service.settled();
}

/** Every read that fills a cache, makes a summary or a profile. */
async function looks(token: string): Promise<void> {
  for (const path of ['rules', 'recommendations', 'dashboard', 'notifications', 'profile', 'daily-summary'])
    expect((await service.get(`/api/smart-alerts/${path}`, token)).status).toBe(200);
}

const run = (job: string) => runJobNow(service.services, job, service.clock.now());

async function readRedis(texts: readonly string[]): Promise<string[]> {
  if (whyNoRedis !== null) return [];
  const redis = openRedis(inject('redisServer') ?? '', 'caller', { name: 'test', log: service.services.log });
  await waitUntilReady(redis, 5_000);
  try {
    const found = await findInRedis(redis, texts);
    const ttls = await Promise.all(found.map((key) => redis.pttl(key)));
    // The count of a person's requests has the id in its key, and ends with its minute.
    return found.filter(
      (key, at) => !key.startsWith('spendwatch:limit:') || !isWithin(ttls[at] ?? -1, 60_000),
    );
  } finally {
    redis.disconnect();
  }
}

const isWithin = (ms: number, limit: number): boolean => ms >= 0 && ms <= limit;

const traces = async (texts: readonly string[]) => ({
  tables: await findInTables(service.sql, texts),
  redis: await readRedis(texts),
});

async function lives(): Promise<{ canaries: Canaries; token: string }> {
  const { canaries, token } = await arrives();
  await spends(canaries, '90.00');
  expect(servers.mail.mails.map(({ to }) => to)).toContainEqual([canaries.email]);
  expect(servers.sms.taken.map(({ to }) => to)).toContain(canaries.phone);
  expect(servers.push.taken.map(({ subscriptionId }) => subscriptionId)).toContain(canaries.browser);
  await looks(token);
  return { canaries, token };
}

test('nothing of an erased person is left but a hash, and another person is still told', async () => {
  const { canaries, token } = await lives();
  const other = await lives();
  service.clock.moveTo(Temporal.Instant.from('2026-11-11T09:00:00Z'));
  await run('daily-summary');
  await run('refresh-profiles');
  await service.settled();
  await service.put('/api/smart-alerts/preferences', { snoozeUntil: '2026-11-12T00:00:00Z' }, token);
  await spends(canaries, '40.00', '-later');
  const texts = Object.values(canaries);
  const before = await traces(texts);
  expect(before.tables.length).toBeGreaterThan(10);

  expect((await service.delete(`/api/users/${canaries.userId}`, service.tenant.adminKey)).status).toBe(200);
  expect(await traces(texts)).toEqual({ tables: [], redis: [] });
  const { userId: _id, ...personal } = canaries;
  const { expenseId: _expense, eventId: _event, ...spoken } = personal;
  expect(lines.filter((line) => Object.values(spoken).some((text) => line.includes(text)))).toEqual([]);
  const kept = await statement<{ user_id: string | null }>`select user_id from erased_people`.execute(
    service.sql,
  );
  expect(kept.rows).toEqual([{ user_id: null }]);

  const mails = servers.mail.mails.length;
  for (const job of [
    'sweep-pending',
    'wake-deferred',
    'daily-summary',
    'evaluate-periods',
    'reconcile-spending',
  ])
    await run(job);
  await spends(other.canaries, '60.00', '-more');
  const since = servers.mail.mails.slice(mails).flatMap(({ to }) => to);
  expect(since).toContain(other.canaries.email);
  expect(since).not.toContain(canaries.email);
  expect(await traces(texts)).toEqual({ tables: [], redis: [] });
  expect((await traces(Object.values(other.canaries))).tables.length).toBeGreaterThan(10);
});

test('the command line erases as thoroughly', async () => {
  const { canaries } = await lives();
  const settings = {
    DATABASE_URL: service.databaseUrl,
    DATA_DIR: service.services.config.dataDir,
    ...(service.services.config.redisUrl === null ? {} : { REDIS_URL: service.services.config.redisUrl }),
  };
  const args = ['user', 'erase', '--tenant', service.tenant.tenantId, '--user', canaries.userId, '--json'];
  const { code, stdout } = await runLine(settings, ...args);
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 0,
    deleted: { users: 1, push_subscriptions: 1 },
  });
  expect(await traces(Object.values(canaries))).toEqual({ tables: [], redis: [] });
  const again = await runLine(settings, ...args);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('no person has the id') });
});

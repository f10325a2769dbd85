/** The export of a person: everything of theirs, nothing of others, and no secret. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { exportKeys, exportPerson } from '../../../src/privacy/export-person.ts';
import { sections } from '../../../src/privacy/export-sections.ts';
import { personalTables } from '../../../src/privacy/personal-tables.ts';
import { runLine } from '../../support/servers/command-line.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const mine = '/api/smart-alerts';

async function spends(userId: string, amount: string, expenseId: string): Promise<void> {
  const time = service.clock.now().toString();
  const facts = { merchant: `Shop of ${userId}`, description: `Words of ${userId}` };
  const data = { expenseId, userId, categoryId: 'food', amount, currency: 'USD', spentAt: time, ...facts };
  const event = { id: `evt-${expenseId}`, type: 'expense.created', time, data };
  expect((await service.post('/api/events', event)).status).toBe(202);
  await service.settled();
}

/** A person with rows in every part of an export that this version has. */
async function lives(userId: string): Promise<string> {
  const facts = { name: `Name of ${userId}`, email: `${userId}@example.com`, phone: '+4915112345678' };
  await service.put(`/api/users/${userId}`, facts, service.tenant.adminKey);
  const token = await service.token(userId);
  const rule = { name: `Rule of ${userId}`, budgetAmount: '100.00', channels: ['in-app', 'email'] };
  await service.post(`${mine}/rules`, rule, token);
  const subscription = {
    endpoint: `https://updates.push.services.mozilla.com/${userId}`,
    keys: {
      p256dh: 'BPDpdCQUwc6jMTD2pljGKY5AGsyGt7YtCrmNrU0QoMa0zs2RSZP1QKu6FdXYNEqADjUVPKKugz3puNgNN7FkmTQ',
      auth: 'c2VjcmV0LWtleS0xNi1ieQ',
    },
  };
  await service.post(`${mine}/push-subscriptions`, subscription, token);
  await spends(userId, '90.00', `exp-${userId}-1`);
  await spends(userId, '7.50', `exp-${userId}-2`);
  await statement`
    insert into benchmark_people (tenant_id, month, user_id, benchmark_keys, spent_minor, percentile_ranks)
    values (${service.tenant.tenantId}, '2026-10-01', ${userId}, '{food}', '{9750.4}', '{50}')`.execute(
    service.sql,
  );
  await statement`
    insert into smart_recommendations (tenant_id, id, user_id, type, category_id, status, currency,
      monthly_saving_minor, savings_pct, confidence, difficulty, evidence, created_at, updated_at, expires_at, told_at)
    values (${service.tenant.tenantId}, gen_random_uuid(), ${userId}, 'spending_trend', 'food', 'suggested', 'USD', 500,
      5, 0.5, 'easy', '{}', now(), now(), now(), now())`.execute(service.sql);
  return token;
}

test('has the promised keys in order, with the person’s own rows and nobody else’s', async () => {
  const token = await lives('alma');
  await lives('boris');
  // The first run finds when digests are due.
  await runJobNow(service.services, 'daily-summary', service.clock.now());
  service.clock.moveTo(Temporal.Instant.from('2026-11-11T09:00:00Z'));
  await runJobNow(service.services, 'daily-summary', service.clock.now());
  await service.settled();
  const answer = await service.get('/api/users/alma/export', service.tenant.adminKey);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(Object.keys(answer.body)).toEqual([...exportKeys]);
  expect(answer.body).toMatchObject({
    exportedAt: service.clock.now().toString(),
    tenant: { id: service.tenant.tenantId, name: 'Test' },
    person: { id: 'alma', name: 'Name of alma', email: 'alma@example.com' },
    preferences: { timezone: 'UTC', criticalInterrupts: true, snoozeUntil: null },
    addresses: {
      email: 'alma@example.com',
      phone: '+4915112345678',
      pushSubscriptions: [{ endpoint: 'https://updates.push.services.mozilla.com/alma' }],
    },
    categories: [{ id: 'food', name: null }],
    expenses: [
      { id: 'exp-alma-1', amount: '90.00', currency: 'USD', merchant: 'Shop of alma', day: '2026-11-10' },
      { id: 'exp-alma-2', amount: '7.50', description: 'Words of alma' },
    ],
    events: [
      { id: 'evt-exp-alma-1', source: 'api', amount: '90.00', appliedAt: '2026-11-10T12:00:00Z' },
      { id: 'evt-exp-alma-2' },
    ],
    rules: [
      {
        name: 'Rule of alma',
        budgetAmount: '100.00',
        periods: [{ periodStart: '2026-11-01', spent: '97.50' }],
      },
    ],
    memberships: [],
    alerts: [
      { level: 80, isOpen: true },
      { level: 95, isOpen: true },
    ],
    decisions: [{ level: 80, outcome: 'notified', spent: '90.00', budget: '100.00' }, { level: 95 }],
    recurring: [],
    anomalies: [],
    forecasts: [],
    recommendations: [{ type: 'spending_trend', estimatedMonthlySavings: '5.00' }],
    dailySummaries: [{ span: 'day', date: '2026-11-10', total: '97.50' }],
    benchmarkMonths: [{ month: '2026-10-01', benchmarkKey: 'food', spent: '97.50', percentileRank: '50' }],
    sessions: [],
  });
  expect(answer.body.notifications.length).toBeGreaterThan(1);
  expect(answer.body.notifications[0]).toMatchObject({ type: 'budget_alert', deliveries: [{}, {}] });
  expect(JSON.stringify(answer.body)).not.toContain('boris');
  const { exportedAt: _at, ...own } = (await service.get(`${mine}/me/export`, token)).body;
  expect(answer.body).toMatchObject(own);
});

test('has no key of the person or of their browsers', async () => {
  await lives('clara');
  const { rows } = await statement<{
    key: string;
  }>`select unsubscribe_key as key from users where id = 'clara'`.execute(service.sql);
  const text = JSON.stringify((await service.get('/api/users/clara/export', service.tenant.adminKey)).body);
  expect(text).toContain('clara@example.com');
  for (const secret of [rows[0]?.key ?? '', 'c2VjcmV0LWtleS0xNi1ieQ', 'BPDpdCQUwc6jMTD2pljGKY5A'])
    expect(text).not.toContain(secret);
});

test('is refused to keys that may only post, to other tenants, and for strangers', async () => {
  await lives('dora');
  const other = await service.anotherTenant();
  const path = '/api/users/dora/export';
  const statuses = await Promise.all(
    [service.tenant.apiKey, other.adminKey].map(async (key) => (await service.get(path, key)).status),
  );
  expect([...statuses, (await service.get(path)).status]).toEqual([404, 404, 401]);
  expect((await service.get('/api/users/nobody/export', service.tenant.adminKey)).status).toBe(404);
  expect((await service.get(`${mine}/me/export`)).status).toBe(401);
});

test('is printed by the command line, which knows no stranger', async () => {
  await lives('emil');
  const settings = { DATABASE_URL: service.databaseUrl, DATA_DIR: service.services.config.dataDir };
  const args = ['user', 'export', '--tenant', service.tenant.tenantId, '--user'];
  const { code, stdout } = await runLine(settings, ...args, 'emil');
  expect({ code, keys: Object.keys(JSON.parse(stdout)) }).toEqual({ code: 0, keys: [...exportKeys] });
  expect(await runLine(settings, ...args, 'nobody')).toMatchObject({ code: 1, stdout: '' });
});

test('is read in one snapshot, page by page, and waits for its reader', async () => {
  const { tenantId } = service.tenant;
  await lives('frida');
  await statement`
    insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id, amount_minor,
      currency, spent_at, day)
    select ${tenantId}, 'many-' || n, now(), n, 'api', 'frida', 'food', 100, 'USD', now(), '2026-01-01'
    from generate_series(1, 2500) n`.execute(service.sql);
  const pieces: string[] = [];
  let isDeleted = false;
  const write = async (text: string) => {
    pieces.push(text);
    if (isDeleted || !text.includes('many-')) return;
    isDeleted = true;
    await statement`delete from expenses where tenant_id = ${tenantId} and id like 'many-%'`.execute(
      service.sql,
    );
  };
  const person = { tenantId, userId: 'frida' };
  expect(await exportPerson(service.services.db, person, service.clock.now(), write)).toBe(true);
  const document = JSON.parse(pieces.join(''));
  expect(document.expenses).toHaveLength(2502);
  expect(new Set(document.expenses.map(({ id }: { id: string }) => id)).size).toBe(2502);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(200_000);
});

test('of more than two people at once is refused until one ends, also if its reader leaves', async () => {
  await statement`
    insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id, merchant, amount_minor,
      currency, spent_at, day)
    select ${service.tenant.tenantId}, 'slow-' || n, now(), n, 'api', 'gerda', 'food', repeat('x', 500), 100, 'USD', now(),
      '2026-01-01'
    from generate_series(1, 60000) n`.execute(service.sql);
  await lives('gerda');
  const ask = (signal: AbortSignal) =>
    fetch(`${service.url}/api/users/gerda/export`, {
      headers: { authorization: `Bearer ${service.tenant.adminKey}` },
      signal,
    });
  const leaving = new AbortController();
  const open = [await ask(leaving.signal), await ask(leaving.signal)];
  expect(open.map(({ status }) => status)).toEqual([200, 200]);
  const third = await service.get('/api/users/gerda/export', service.tenant.adminKey);
  expect({ status: third.status, after: third.headers.get('retry-after') }).toEqual({
    status: 429,
    after: '10',
  });
  leaving.abort();
  await vi.waitFor(async () => {
    const answer = await service.get('/api/users/clara/export', service.tenant.adminKey);
    expect(answer.status).toBe(200);
  });
});

test('reads each table that the list names as exported, and each section is one of its keys', () => {
  const keys = new Set<string>(exportKeys);
  const exported = Object.values(personalTables).flatMap(({ exported: key }) =>
    typeof key === 'string' ? [key] : [],
  );
  expect(exported.filter((key) => !keys.has(key))).toEqual([]);
  expect(sections.filter(({ key }) => !keys.has(key))).toEqual([]);
});

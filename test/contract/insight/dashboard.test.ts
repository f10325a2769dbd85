/** `GET /dashboard`: a person's whole first page, and nothing of anybody else. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Person } from '../../support/worlds/person.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const dashboardOf = async (person: Person) => {
  const { status, body } = await service.get(
    '/api/smart-alerts/dashboard',
    await service.token(person.userId),
  );
  expect(status).toBe(200);
  return body.data;
};

test('the dashboard of a new person is empty, with a summary of zeros for today', async () => {
  const person = await Person.arrives(service);
  const { dailySummary, ...others } = await dashboardOf(person);
  expect(others).toEqual({
    rules: [],
    activeAlerts: [],
    pendingRecommendations: [],
    recentNotifications: [],
    peerComparison: [],
  });
  expect(dailySummary).toMatchObject({ date: '2026-11-10', total: '0.00', transactionCount: 0 });
});

test('the dashboard shows an active rule older than 200 deleted ones', async () => {
  const person = await Person.arrives(service);
  const first = await person.budget('100', { name: 'First' });
  service.clock.advance({ seconds: 1 });
  await statement`
    insert into smart_alert_rules (tenant_id, id, user_id, name, budget_minor, currency, period, thresholds, channels,
      max_notifications_per_day, cooldown_minutes, notifications_enabled, notify_on_recovery, is_active,
      next_period_at, created_at, updated_at)
    select tenant_id, gen_random_uuid(), user_id, 'Deleted', budget_minor, currency, period, thresholds, channels,
      max_notifications_per_day, cooldown_minutes, notifications_enabled, notify_on_recovery, false,
      next_period_at, ${service.clock.now().toString()}, updated_at
    from smart_alert_rules, generate_series(1, 200)
    where id = ${first}`.execute(service.sql);
  const { rules } = await dashboardOf(person);
  expect(rules.map(({ id }: { id: string }) => id)).toEqual([first]);
});

test('the dashboard shows active rules with their percentage and the highest open level of each, the most severe first', async () => {
  const person = await Person.arrives(service);
  const food = await person.budget('100', { name: 'Food', categoryId: 'food' });
  const all = await person.budget('60', { name: 'All' });
  const off = await person.budget('1', { name: 'Off' });
  const idle = await person.budget('500', { name: 'Idle', categoryId: 'travel' });
  await person.disable(off);
  await person.spend('95.50');
  await person.spend('-3.00', { category: 'travel' });
  const { rules, activeAlerts, recentNotifications, dailySummary } = await dashboardOf(person);
  const shown = new Map<string, object>(rules.map((rule: { id: string }) => [rule.id, rule]));
  expect([...shown.keys()].sort()).toEqual([food, all, idle].sort());
  expect(shown.get(food)).toMatchObject({ spent: '95.50', budget: '100.00', pct: 95 });
  expect(shown.get(all)).toMatchObject({ spent: '92.50', budget: '60.00', pct: 154 });
  expect(shown.get(idle)).toMatchObject({ spent: '-3.00', budget: '500.00', pct: -1 });
  expect(activeAlerts).toEqual([
    {
      ruleId: all,
      name: 'All',
      categoryId: null,
      level: 150,
      basis: 'actual',
      severity: 'critical',
      since: service.clock.now().toString(),
      spent: '92.50',
      budget: '60.00',
      currency: 'USD',
      pct: 154,
    },
    expect.objectContaining({ ruleId: food, level: 95, severity: 'warning', pct: 95 }),
  ]);
  expect(recentNotifications.map(({ ruleId }: { ruleId: string }) => ruleId).sort()).toEqual(
    [food, all].sort(),
  );
  expect(dailySummary).toMatchObject({ total: '92.50', transactionCount: 2, alertsTriggered: 2 });
});

test('the dashboard compares last month and shows nothing of anybody else', async () => {
  const [person, stranger] = [await Person.arrives(service), await Person.arrives(service)];
  await person.spend('40.00', { at: Temporal.Instant.from('2026-10-20T12:00:00Z') });
  const { peerComparison } = await dashboardOf(person);
  expect(peerComparison).toEqual([
    expect.objectContaining({
      benchmarkKey: 'food',
      period: '2026-10',
      userSpending: '40.00',
      percentileRank: null,
      benchmark: null,
    }),
  ]);
  const seen = await dashboardOf(stranger);
  expect([seen.rules, seen.activeAlerts, seen.recentNotifications, seen.peerComparison]).toEqual([
    [],
    [],
    [],
    [],
  ]);
});

test('the dashboard needs a person’s token', async () => {
  expect((await service.get('/api/smart-alerts/dashboard')).status).toBe(401);
  expect((await service.get('/api/smart-alerts/dashboard', service.tenant.apiKey)).status).toBe(401);
});

/** The preview of a rule: what it would have done on the person's own past, without a trace. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const preview = '/api/smart-alerts/rules/preview';
let service: TestService;
let shopper: Shopper;

beforeAll(async () => {
  // Nothing is sent: a preview only asks which channels there are.
  const env = { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'Spendwatch <alerts@example.com>' };
  service = await startService({ env });
  shopper = await Shopper.arrives(service);
  await service.put(
    `/api/users/${shopper.userId}`,
    { email: 'shopper@example.com', timezone: 'America/New_York' },
    service.tenant.adminKey,
  );
  await shopper.buys(
    { on: '2026-08-20', amount: '500.00' },
    { on: '2026-10-03T16:00:00Z', amount: '85.00' },
    { on: '2026-10-04T02:00:00Z', amount: '20.00' },
    { on: '2026-10-05T16:00:00Z', amount: '40.00', category: 'rent' },
    { on: '2026-10-06T16:00:00Z', amount: '-30.00' },
    { on: '2026-10-07T16:00:00Z', amount: '70.00', kind: 'transfer' },
    { on: '2026-10-20T16:00:00Z', amount: '30.00', merchant: 'ACME Canteen' },
    { on: '2026-11-02T17:00:00Z', amount: '10.00' },
    { on: '2026-11-28T17:00:00Z', amount: '900.00' },
  );
});
afterAll(() => service.stop());

const levels = [
  { percent: 80, severity: 'info' },
  { percent: 100, severity: 'danger' },
];
const food = { budgetAmount: '100.00', categoryId: 'food', thresholds: levels };

async function previewed(rule: object, days?: number, { token } = shopper) {
  const answer = await service.post(preview, { rule, ...(days && { days }) }, token);
  expect(answer.body).toEqual({ data: expect.anything() });
  return answer.body.data;
}

describe('the preview of a rule', () => {
  test('replays expenses at the instant at which they were spent, through whole periods', async () => {
    const data = await previewed(food, 30);
    expect(data).toEqual({
      currency: 'USD',
      alerts: [
        {
          at: '2026-10-03T16:00:00Z',
          level: 80,
          basis: 'actual',
          outcome: 'notified',
          spent: '85.00',
          budget: '100.00',
        },
        {
          at: '2026-10-04T02:00:00Z',
          level: 100,
          basis: 'actual',
          outcome: 'deferred',
          spent: '105.00',
          budget: '100.00',
        },
        {
          at: '2026-10-20T16:00:00Z',
          level: 80,
          basis: 'actual',
          outcome: 'superseded',
          spent: '105.00',
          budget: '100.00',
        },
        {
          at: '2026-10-20T16:00:00Z',
          level: 100,
          basis: 'actual',
          outcome: 'notified',
          spent: '105.00',
          budget: '100.00',
        },
      ],
      interruptions: { total: 3, perWeek: 0.7 },
      periods: [
        { start: '2026-10-01', end: '2026-11-01', spent: '105.00', pct: 105 },
        { start: '2026-11-01', end: '2026-12-01', spent: '10.00', pct: 10 },
      ],
    });
  });

  test('goes back ninety days where no number is given, to the period that holds the first of them', async () => {
    const { periods } = await previewed(food);
    expect(periods.map(({ start, spent }: { start: string; spent: string }) => [start, spent])).toEqual([
      ['2026-08-01', '500.00'],
      ['2026-09-01', '0.00'],
      ['2026-10-01', '105.00'],
      ['2026-11-01', '10.00'],
    ]);
  });

  test('counts what the rule would count, and carries over what it would', async () => {
    const all = await previewed(
      { budgetAmount: '200.00', rollover: 'unspent', excludeMerchants: ['ACME CANTEEN'] },
      30,
    );
    expect(all.periods.map(({ spent, pct }: { spent: string; pct: number }) => [spent, pct])).toEqual([
      ['115.00', 57],
      ['10.00', 3],
    ]);
  });

  test('has no period where none of the rule has begun', async () => {
    const trip = { ...food, period: { start: '2026-12-20', end: '2027-01-03' } };
    expect(await previewed(trip)).toEqual({
      currency: 'USD',
      alerts: [],
      interruptions: { total: 0, perWeek: 0 },
      periods: [],
    });
  });

  test('shows nobody what another person spent', async () => {
    const other = await Shopper.arrives(service);
    const { alerts, periods } = await previewed(food, 7, other);
    expect(alerts).toEqual([]);
    expect(periods).toEqual([{ start: '2026-11-01', end: '2026-12-01', spent: '0.00', pct: 0 }]);
    const tenant = await service.anotherTenant();
    const namesake = await Shopper.of(service, shopper.userId, tenant);
    expect((await previewed(food, 400, namesake)).alerts).toEqual([]);
  });

  test('counts no interruption where no channel reaches the person, or the rule has none', async () => {
    const inApp = await previewed({ ...food, channels: ['in-app'] }, 30);
    expect(inApp.interruptions).toEqual({ total: 0, perWeek: 0 });
    expect(inApp.alerts.map(({ outcome }: { outcome: string }) => outcome)).toContain('notified');
    const muted = await previewed({ ...food, notificationsEnabled: false }, 30);
    expect(muted.interruptions.total).toBe(0);
    expect(muted.alerts.map(({ outcome }: { outcome: string }) => outcome)).toContain('muted');
  });

  test('leaves out a snooze of now', async () => {
    await service.put('/api/smart-alerts/preferences', { snoozeUntil: '2026-11-20' }, shopper.token);
    const { interruptions } = await previewed({ ...food, snoozeUntil: 'period_end' }, 30);
    await service.put('/api/smart-alerts/preferences', { snoozeUntil: null }, shopper.token);
    expect(interruptions.total).toBe(3);
  });

  test('stores nothing', async () => {
    const before = await countRows();
    await previewed(food);
    await previewed({ budgetAmount: '1.00', notifyOnRecovery: true }, 400);
    expect(await countRows()).toEqual(before);
    expect((await service.get('/api/smart-alerts/rules', shopper.token)).body.data).toEqual([]);
  });

  test('is made once at a time for a person', async () => {
    const asked = Array.from({ length: 8 }, () =>
      service.post(preview, { rule: food, days: 400 }, shopper.token),
    );
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(asked.length);
    for (const { status, headers } of refused)
      expect([status, headers.get('retry-after')]).toEqual([429, '1']);
  });
});

describe('a preview is refused', () => {
  test.each([
    ['without a rule', {}, '/rule'],
    ['without a budget', { rule: {} }, '/rule/budgetAmount'],
    ['with a budget that is no amount', { rule: { budgetAmount: 'much' } }, '/rule/budgetAmount'],
    ['with a budget of nothing', { rule: { budgetAmount: '0.00' } }, '/rule/budgetAmount'],
    ['with an unknown currency', { rule: { ...food, currency: 'XXQ' } }, '/rule/currency'],
    ['with a field it does not know', { rule: { ...food, colour: 'red' } }, '/rule/colour'],
    [
      'with a level named twice',
      { rule: { ...food, thresholds: [levels[0], levels[0]] } },
      '/rule/thresholds/1/percent',
    ],
    ['with a category and a group', { rule: { ...food, categoryIds: ['rent'] } }, '/rule/categoryIds'],
    [
      'with a period that ends before it begins',
      { rule: { ...food, period: { start: '2026-10-02', end: '2026-10-01' } } },
      '/rule/period/end',
    ],
    ['with too few days', { rule: food, days: 6 }, '/days'],
    ['with too many days', { rule: food, days: 401 }, '/days'],
    ['with half a day', { rule: food, days: 7.5 }, '/days'],
  ])('%s', async (_name, body, pointer) => {
    const answer = await service.post(preview, body, shopper.token);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer]);
  });

  test('to a service, and to nobody', async () => {
    expect((await service.post(preview, { rule: food })).status).toBe(401);
    expect((await service.post(preview, { rule: food }, 'nonsense')).status).toBe(401);
  });
});

/** Rows of each table, as the owner sees them. */
async function countRows(): Promise<Record<string, string>> {
  const { rows: tables } = await statement<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`.execute(service.sql);
  const counts: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await statement<{
      count: string;
    }>`select count(*) from ${statement.table(name)}`.execute(service.sql);
    counts[name] = rows[0]?.count ?? '';
  }
  return counts;
}

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

const rules = '/api/smart-alerts/rules';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

let people = 0;
/** Makes a person of its own for each test. */
const person = async (): Promise<{ userId: string; token: string }> => {
  people += 1;
  const userId = `p${people}`;
  return { userId, token: await service.token(userId) };
};

const expense = (userId: string, amount: string, more: Record<string, unknown> = {}) => ({
  id: randomUUID(),
  type: 'expense.created',
  time: service.clock.now().toString(),
  data: {
    expenseId: randomUUID(),
    userId,
    categoryId: 'groceries',
    amount,
    currency: 'USD',
    spentAt: service.clock.now().toString(),
    ...more,
  },
});

const make = async (token: string, body: Record<string, unknown> = {}) => {
  const answer = await service.post(rules, { budgetAmount: '400.00', ...body }, token);
  expect(answer.status).toBe(201);
  return answer.body.data;
};

describe('creating a rule', () => {
  test('needs only a budget and sets every default', async () => {
    const { token } = await person();
    const answer = await service.post(rules, { budgetAmount: '400' }, token);
    expect(answer.status).toBe(201);
    const { id, createdAt, updatedAt, ...rule } = answer.body.data;
    expect(answer.headers.get('location')).toBe(`${rules}/${id}`);
    expect(createdAt).toBe(service.clock.now().toString());
    expect(updatedAt).toBe(createdAt);
    expect(rule).toEqual({
      name: 'All spending',
      categoryId: null,
      categoryIds: null,
      excludeCategories: [],
      excludeMerchants: [],
      budgetAmount: '400.00',
      currency: 'USD',
      period: 'monthly',
      rollover: 'none',
      carried: '0.00',
      budget: '400.00',
      thresholds: [
        { percent: 80, severity: 'info', basis: 'actual' },
        { percent: 95, severity: 'warning', basis: 'actual' },
        { percent: 100, severity: 'danger', basis: 'actual' },
        { percent: 150, severity: 'critical', basis: 'actual' },
        { percent: 100, severity: 'warning', basis: 'forecast' },
      ],
      everyLevel: false,
      channels: ['in-app', 'email'],
      quietHours: null,
      maxNotificationsPerDay: 3,
      cooldownMinutes: 60,
      notificationsEnabled: true,
      notifyOnRecovery: false,
      isActive: true,
      snoozeUntil: null,
      spent: '0.00',
      unrated: { count: 0 },
      periodStart: '2026-11-01',
      periodEnd: '2026-12-01',
    });
  });

  test('keeps the levels of spending and of the forecast, and replaces both together', async () => {
    const { token } = await person();
    const warning = { percent: 100, severity: 'warning' };
    const thresholds = [{ ...warning, basis: 'forecast' }, { percent: 90, severity: 'info' }, warning];
    const body = { budgetAmount: '10.00', thresholds, everyLevel: true };
    const made = (await service.post(rules, body, token)).body.data;
    const of = (basis: string) => ({ basis });
    expect(made.everyLevel).toBe(true);
    expect(made.thresholds).toEqual([
      { percent: 90, severity: 'info', ...of('actual') },
      { ...warning, ...of('actual') },
      { ...warning, ...of('forecast') },
    ]);
    const changed = await service.put(`${rules}/${made.id}`, { thresholds: [warning] }, token);
    expect(changed.body.data.thresholds).toEqual([{ ...warning, ...of('actual') }]);
  });

  test('keeps every field given', async () => {
    const { token } = await person();
    const given = {
      name: 'Food',
      categoryId: 'never seen',
      budgetAmount: '12.345',
      currency: 'KWD',
      period: 'weekly',
      thresholds: [{ percent: 100_000, severity: 'critical' }],
      channels: ['sms', 'push'],
      quietHours: { enabled: false, start: '22:00', end: '06:30', timezone: 'Europe/Berlin' },
      maxNotificationsPerDay: 1000,
      cooldownMinutes: 0,
      notificationsEnabled: false,
      notifyOnRecovery: true,
      isActive: true,
    };
    const rule = await make(token, given);
    expect(rule).toMatchObject({ ...given, periodStart: '2026-11-09', periodEnd: '2026-11-16' });
    const read = await service.get(`${rules}/${rule.id}`, token);
    expect(read.body.data).toEqual(rule);
  });

  test('names it after the category, by the category’s name once that is known', async () => {
    const { token } = await person();
    const category = `c-${randomUUID()}`;
    expect((await make(token, { categoryId: category })).name).toBe(category);
    await service.put(`/api/categories/${category}`, { name: 'Groceries' }, service.tenant.adminKey);
    expect((await make(token, { categoryId: category })).name).toBe('Groceries');
    expect((await make(token, { categoryId: 'x'.repeat(128) })).name).toBe('x'.repeat(100));
  });

  test('uses the tenant’s currency by default', async () => {
    const { tenantId } = await service.anotherTenant({ currency: 'JPY' });
    const token = await service.token('p', { tenantId });
    expect(await make(token, { budgetAmount: '40000' })).toMatchObject({
      currency: 'JPY',
      budgetAmount: '40000',
    });
    const answer = await service.post(rules, { budgetAmount: '400.00' }, token);
    expect(answer.body.errors).toEqual([
      { pointer: '/budgetAmount', message: 'must have at most 0 decimals in JPY' },
    ]);
  });

  test('starts its period on the person’s local day', async () => {
    const { tenantId } = await service.anotherTenant({ timezone: 'Pacific/Kiritimati' });
    const token = await service.token('p', { tenantId });
    expect(await make(token, { period: 'daily' })).toMatchObject({
      periodStart: '2026-11-11',
      periodEnd: '2026-11-12',
    });
  });
});

describe('changing a rule', () => {
  test('keeps the fields that are not given', async () => {
    const { token } = await person();
    const rule = await make(token, { name: 'Food', quietHours: { start: '20:00', end: '08:00' } });
    expect(rule.quietHours).toEqual({ enabled: true, start: '20:00', end: '08:00', timezone: null });
    service.clock.advance({ minutes: 1 });
    const changed = await service.put(`${rules}/${rule.id}`, { budgetAmount: '500' }, token);
    expect(changed.status).toBe(200);
    const updatedAt = service.clock.now().toString();
    expect(changed.body.data).toEqual({ ...rule, budgetAmount: '500.00', budget: '500.00', updatedAt });
    const cleared = await service.put(`${rules}/${rule.id}`, { quietHours: null }, token);
    expect(cleared.body.data.quietHours).toBeNull();
  });

  test('to a currency with the same decimals keeps the amount', async () => {
    const { token } = await person();
    const { id } = await make(token);
    const changed = await service.put(`${rules}/${id}`, { currency: 'EUR' }, token);
    expect(changed.body.data).toMatchObject({ budgetAmount: '400.00', currency: 'EUR' });
  });

  test('to a currency with other decimals requires a budget', async () => {
    const { token } = await person();
    const { id } = await make(token);
    const refused = await service.put(`${rules}/${id}`, { currency: 'JPY' }, token);
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([
      { pointer: '/budgetAmount', message: 'is required: JPY has other decimals than USD' },
    ]);
    const changed = await service.put(`${rules}/${id}`, { currency: 'JPY', budgetAmount: '4000' }, token);
    expect(changed.body.data).toMatchObject({ budgetAmount: '4000', currency: 'JPY' });
  });

  test('by deletion switches it off; it stays readable and can be switched on again', async () => {
    const { token, userId } = await person();
    const { id } = await make(token);
    const deleted = await service.delete(`${rules}/${id}`, token);
    expect(deleted).toMatchObject({ status: 204, body: '' });
    await service.post('/api/events', [
      expense(userId, '500.00'),
      expense(userId, '1.00', { spentAt: '2026-10-31T23:59:59Z' }),
      expense(userId, '2.00', { spentAt: '2026-12-01T00:00:00Z' }),
    ]);
    await service.settled();
    const off = (await service.get(`${rules}/${id}`, token)).body.data;
    expect(off).toMatchObject({ isActive: false, spent: '500.00' });
    expect((await service.get('/api/smart-alerts/notifications', token)).body.data).toEqual([]);
    expect((await service.delete(`${rules}/${id}`, token)).status).toBe(204);

    const on = await service.put(`${rules}/${id}`, { isActive: true }, token);
    expect(on.body.data).toMatchObject({ isActive: true, spent: '500.00' });
  });
});

describe('the spending of a rule', () => {
  test('counts the events of its category and period', async () => {
    const { token, userId } = await person();
    const food = await make(token, { categoryId: 'groceries' });
    const all = await make(token, { period: 'yearly' });
    await service.post('/api/events', [
      expense(userId, '41.50'),
      expense(userId, '10.00', { categoryId: 'travel' }),
      expense(userId, '5.00', { spentAt: '2026-10-31T12:00:00Z' }),
      expense(userId, '99.00', { currency: 'EUR' }),
    ]);
    await service.settled();
    const listed = (await service.get(rules, token)).body.data;
    expect(listed.map(({ id, spent }: { id: string; spent: string }) => ({ id, spent }))).toEqual(
      expect.arrayContaining([
        { id: food.id, spent: '41.50' },
        { id: all.id, spent: '56.50' },
      ]),
    );
  });

  test('above the budget of a new rule notifies once, with a decision for each level', async () => {
    const { token, userId } = await person();
    await service.post('/api/events', expense(userId, '120.00'));
    await service.settled();
    const { id } = await make(token, { budgetAmount: '100.00', name: 'Food' });
    await service.settled();
    const notifications = (await service.get('/api/smart-alerts/notifications', token)).body.data;
    expect(notifications).toHaveLength(1);
    expect(notifications[0]).toMatchObject({
      ruleId: id,
      level: 100,
      title: 'Food: 120% of the monthly budget',
    });
    const decisions = (await service.get(`${rules}/${id}/decisions`, token)).body.data;
    const figures = { spent: '120.00', budget: '100.00', currency: 'USD', periodStart: '2026-11-01' };
    const at = service.clock.now().toString();
    const basis = 'actual';
    const why = expect.stringMatching(
      /^Food reached \d+% of its budget of \$100\.00, with \$120\.00 spent\. /,
    );
    expect(decisions).toEqual([
      { at, level: 100, basis, outcome: 'notified', why, notificationId: notifications[0].id, ...figures },
      { at, level: 95, basis, outcome: 'superseded', why, ...figures },
      { at, level: 80, basis, outcome: 'superseded', why, ...figures },
    ]);
  });
});

describe('access to a rule', () => {
  const calls = (id: string, token: string) =>
    Promise.all([
      service.get(`${rules}/${id}`, token),
      service.get(`${rules}/${id}/decisions`, token),
      service.put(`${rules}/${id}`, { name: 'mine' }, token),
      service.delete(`${rules}/${id}`, token),
    ]);

  test('is 404 for another person, an admin, and the same person id of another tenant', async () => {
    const owner = await person();
    const { id } = await make(owner.token);
    const elsewhere = await service.anotherTenant();
    const strangers = [
      await service.token('stranger'),
      await service.token('boss', { role: 'admin' }),
      await service.token(owner.userId, { tenantId: elsewhere.tenantId }),
    ];
    for (const token of strangers) {
      const answers = await calls(id, token);
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      expect((await service.get(rules, token)).body.data).toEqual([]);
    }
    const kept = (await service.get(`${rules}/${id}`, owner.token)).body.data;
    expect(kept).toMatchObject({ name: 'All spending', isActive: true });
  });

  test.each(['1', 'not-a-uuid', randomUUID()])('is 404 for the unknown id %s', async (id) => {
    const { token } = await person();
    const answers = await calls(id, token);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(answers[0]?.headers.get('content-type')).toContain('application/problem+json');
  });

  test('requires a person’s token', async () => {
    expect((await service.get(rules)).status).toBe(401);
    expect((await service.post(rules, { budgetAmount: '1.00' }, service.tenant.apiKey)).status).toBe(401);
  });
});

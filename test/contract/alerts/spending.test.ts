import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';
import { type Purchase, Shopper } from '../../support/worlds/shopper.ts';

const path = '/api/smart-alerts/spending';
const november = 'from=2026-11-01&to=2026-12-01';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

async function sums({ token }: Shopper, query: string) {
  const answer = await service.get(`${path}?${query}`, token);
  expect(answer.status).toBe(200);
  return answer.body.data;
}

async function ruleOf({ token }: Shopper, draft: object): Promise<string> {
  const answer = await service.post('/api/smart-alerts/rules', { budgetAmount: '100.00', ...draft }, token);
  expect(answer.status).toBe(201);
  return answer.body.data.id;
}

const bought: Purchase[] = [
  { on: '2026-10-31', amount: '1.00' },
  { on: '2026-11-02', amount: '2.00', category: 'fun' },
  { on: '2026-11-02', amount: '4.00', merchant: 'ACME RENT #12' },
  { on: '2026-11-05', amount: '-8.00', category: 'fun' },
  { on: '2026-11-06', amount: '16.00', kind: 'transfer' },
  { on: '2026-12-01', amount: '32.00' },
];

describe('the sums of spending', () => {
  test('are by day, the earliest first, without transfers', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(...bought);
    expect(await sums(shopper, `${november}&by=day`)).toEqual({
      from: '2026-11-01',
      to: '2026-12-01',
      currency: 'USD',
      total: '-2.00',
      transactionCount: 3,
      unrated: { count: 0 },
      days: [
        { date: '2026-11-02', total: '6.00', count: 2 },
        { date: '2026-11-05', total: '-8.00', count: 1 },
      ],
    });
  });

  test('are by category, most spent on first', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(...bought);
    const found = await sums(shopper, `${november}&by=category`);
    expect(found).not.toHaveProperty('days');
    expect(found).toMatchObject({
      total: '-2.00',
      categories: [
        { categoryId: 'food', total: '4.00', count: 1 },
        { categoryId: 'fun', total: '-6.00', count: 2 },
      ],
    });
  });

  test('convert each expense by itself, and say how many have no rate', async () => {
    const tenant = await service.anotherTenant();
    const shopper = await Shopper.arrives(service, tenant);
    const rates = { date: '2026-11-02', base: 'USD', rates: { EUR: '0.9' } };
    expect((await service.put('/api/fx-rates', rates, tenant.adminKey)).status).toBe(200);
    await shopper.posts(
      { on: '2026-11-02', amount: '0.01', currency: 'EUR' },
      { on: '2026-11-02', amount: '0.01', currency: 'EUR' },
      { on: '2026-11-03', amount: '9.00', currency: 'EUR', category: 'fun' },
      { on: '2026-11-03', amount: '5.00', currency: 'GBP', category: 'fun' },
      { on: '2026-11-03', amount: '1.00' },
    );
    expect(await sums(shopper, `${november}&by=day`)).toMatchObject({
      total: '11.02',
      transactionCount: 4,
      unrated: { count: 1 },
      days: [
        { date: '2026-11-02', total: '0.02', count: 2 },
        { date: '2026-11-03', total: '11.00', count: 2 },
      ],
    });
    const ruleId = await ruleOf(shopper, { categoryId: 'fun', currency: 'EUR' });
    expect(await sums(shopper, `${november}&by=category&ruleId=${ruleId}`)).toMatchObject({
      currency: 'USD',
      total: '10.00',
      unrated: { count: 1 },
      categories: [{ categoryId: 'fun', total: '10.00', count: 1 }],
    });
  });

  test('agree with the daily summary and follow a deletion', async () => {
    const shopper = await Shopper.arrives(service);
    const expenseId = randomUUID();
    await shopper.posts(...bought, { on: '2026-11-02', amount: '7.77', expenseId, category: 'bus' });
    const query = 'from=2026-11-02&to=2026-11-03&by=category';
    const { body } = await service.get('/api/smart-alerts/daily-summary?date=2026-11-02', shopper.token);
    const { total, transactionCount, categories } = body.data;
    expect(await sums(shopper, query)).toMatchObject({ total, transactionCount, categories });
    await shopper.takesBack(expenseId);
    const after = await sums(shopper, query);
    expect(after.categories.map(({ categoryId }: { categoryId: string }) => categoryId)).toEqual([
      'food',
      'fun',
    ]);
  });

  test('of a rule are what it counts, without excluded merchants and days before its period', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(...bought, { on: '2026-11-02', amount: '3.00', merchant: 'Corner' });
    const totals = async (draft: object, days = november) =>
      (await sums(shopper, `${days}&by=day&ruleId=${await ruleOf(shopper, draft)}`)).days.map(
        ({ date, total }: { date: string; total: string }) => `${date} ${total}`,
      );
    expect(await totals({ categoryId: 'fun' })).toEqual(['2026-11-02 2.00', '2026-11-05 -8.00']);
    expect(await totals({ excludeCategories: ['fun'] })).toEqual(['2026-11-02 7.00']);
    expect(await totals({ excludeMerchants: ['acme rent'] })).toEqual([
      '2026-11-02 5.00',
      '2026-11-05 -8.00',
    ]);
    const trip = { period: { start: '2026-11-03', end: '2026-12-02' } };
    expect(await totals(trip, 'from=2026-10-01&to=2027-01-01')).toEqual([
      '2026-11-05 -8.00',
      '2026-12-01 32.00',
    ]);
  });

  test('have nothing of anybody else, whose rules are 404', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(...bought);
    const ruleId = await ruleOf(shopper, {});
    const strangers = [
      await Shopper.arrives(service),
      await Shopper.of(service, shopper.userId, await service.anotherTenant()),
    ];
    for (const stranger of strangers) {
      const found = await sums(stranger, `${november}&by=day`);
      expect(found).toMatchObject({ total: '0.00', transactionCount: 0, days: [] });
      const answer = await service.get(`${path}?${november}&by=day&ruleId=${ruleId}`, stranger.token);
      expect(answer.status).toBe(404);
    }
    expect((await service.get(`${path}?${november}&by=day`)).status).toBe(401);
  });

  test('are of at most 400 days', async () => {
    const shopper = await Shopper.arrives(service);
    expect((await sums(shopper, 'from=2026-01-01&to=2027-02-05&by=day')).days).toEqual([]);
    const answer = await service.get(`${path}?from=2026-01-01&to=2027-02-06&by=day`, shopper.token);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, '/to']);
  });

  test.each([
    ['to=2026-12-01&by=day', '/from'],
    ['from=2026-11-01&by=day', '/to'],
    [november, '/by'],
    [`${november}&by=merchant`, '/by'],
    [`${november}&by=day&ruleId=x`, '/ruleId'],
    ['from=1899-12-31&to=1900-01-02&by=day', '/from'],
    ['from=2026-11-02&to=2026-11-01&by=day', '/to'],
    ['from=soon&to=2026-11-01&by=day', '/from'],
  ])('refuse %s with the pointer %s', async (query, pointer) => {
    const answer = await service.get(`${path}?${query}`, await service.token('sums'));
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  });
});

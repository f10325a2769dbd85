import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';
import { Shopper } from '../../support/worlds/shopper.ts';

const path = '/api/smart-alerts/expenses';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

type Shown = { expenseId: string; amount: string };

const page = async ({ token }: Shopper, query = '') => {
  const answer = await service.get(`${path}?${query}`, token);
  expect(answer.status).toBe(200);
  return answer.body;
};

const amounts = async (shopper: Shopper, query = ''): Promise<string[]> =>
  (await page(shopper, query)).data.map(({ amount }: Shown) => amount);

async function ruleOf({ token }: Shopper, draft: object): Promise<string> {
  const answer = await service.post('/api/smart-alerts/rules', { budgetAmount: '100.00', ...draft }, token);
  expect(answer.status).toBe(201);
  return answer.body.data.id;
}

describe('the list of expenses', () => {
  test('has each with its facts, the newest first', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(
      { on: '2026-10-30', amount: '5.00', expenseId: 'list-1' },
      { on: '2026-11-02', amount: '-3.50', expenseId: 'list-2', merchant: 'Corner', category: 'fun' },
      { on: '2026-11-01', amount: '700', expenseId: 'list-3', currency: 'JPY', status: 'pending' },
    );
    const { data } = await page(shopper);
    expect(data.map(({ expenseId }: Shown) => expenseId)).toEqual(['list-2', 'list-3', 'list-1']);
    expect(data[0]).toEqual({
      expenseId: 'list-2',
      userId: shopper.userId,
      categoryId: 'fun',
      merchant: 'Corner',
      description: null,
      amount: '-3.50',
      currency: 'USD',
      spentAt: '2026-11-02T12:00:00Z',
      date: '2026-11-02',
      kind: 'purchase',
      status: 'posted',
    });
    expect(data[1]).toMatchObject({ amount: '700', currency: 'JPY', status: 'pending' });
  });

  test('has transfers in their place, marked, and within days too', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(
      { on: '2026-11-01', amount: '1.00' },
      { on: '2026-11-02', amount: '2.00', kind: 'transfer' },
      { on: '2026-11-03', amount: '3.00' },
      { on: '2026-11-04', amount: '4.00', kind: 'transfer', category: 'savings' },
    );
    expect(await amounts(shopper)).toEqual(['4.00', '3.00', '2.00', '1.00']);
    const { data } = await page(shopper, 'from=2026-11-02&to=2026-11-04');
    expect(data).toMatchObject([
      { amount: '3.00', kind: 'purchase', date: '2026-11-03' },
      { amount: '2.00', kind: 'transfer', date: null },
    ]);
    expect(await amounts(shopper, 'categoryId=savings')).toEqual(['4.00']);
    expect(await amounts(shopper, `ruleId=${await ruleOf(shopper, {})}`)).toEqual(['3.00', '1.00']);
  });

  test('takes days by the zone of the person, the last one exclusive', async () => {
    const shopper = await Shopper.arrives(service);
    await service.put('/api/smart-alerts/preferences', { timezone: 'Asia/Tokyo' }, shopper.token);
    await shopper.posts(
      { on: '2026-11-01T14:59:00Z', amount: '1.00' },
      { on: '2026-11-01T15:00:00Z', amount: '2.00' },
      { on: '2026-11-02T14:59:00Z', amount: '3.00' },
      { on: '2026-11-01T15:00:00Z', amount: '4.00', kind: 'transfer' },
      { on: '2026-11-02T15:00:00Z', amount: '5.00', kind: 'transfer' },
    );
    const found = await amounts(shopper, 'from=2026-11-02&to=2026-11-03');
    expect(found.toSorted()).toEqual(['2.00', '3.00', '4.00']);
    expect(found[0]).toBe('3.00');
    expect(await amounts(shopper, 'from=2026-11-03')).toEqual(['5.00']);
    expect(await amounts(shopper, 'to=2026-11-02')).toEqual(['1.00']);
  });

  test('has pages, each expense once, also those of one instant', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(
      ...['01', '02', '03'].flatMap((day) => [
        { on: `2026-11-${day}`, amount: `${day}.00` },
        { on: `2026-11-${day}`, amount: `${day}.10` },
        { on: `2026-11-${day}`, amount: `${day}.20`, kind: 'transfer' as const },
      ]),
    );
    const all = (await page(shopper)).data;
    expect(all).toHaveLength(9);
    const seen: Shown[] = [];
    let cursor = '';
    for (let pages = 0; pages < 5; pages += 1) {
      const { data, nextCursor } = await page(shopper, `limit=2${cursor}`);
      seen.push(...data);
      cursor = `&cursor=${nextCursor}`;
      expect(nextCursor === undefined).toBe(pages === 4);
    }
    expect(seen).toEqual(all);
  });

  test('has nothing of anybody else, and nothing that was deleted', async () => {
    const shopper = await Shopper.arrives(service);
    const expenseId = randomUUID();
    await shopper.posts(
      { on: '2026-11-01', amount: '1.00' },
      { on: '2026-11-01', amount: '2.00', expenseId },
    );
    const other = await service.anotherTenant();
    const strangers = [await Shopper.arrives(service), await Shopper.of(service, shopper.userId, other)];
    for (const stranger of strangers) expect(await page(stranger)).toEqual({ data: [] });
    await shopper.takesBack(expenseId);
    expect(await amounts(shopper)).toEqual(['1.00']);
    expect((await service.get(path)).status).toBe(401);
  });
});

describe('the expenses of a rule', () => {
  test('are those that its sum counts in the current period', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(
      { on: '2026-10-31', amount: '1.00' },
      { on: '2026-11-01', amount: '2.00' },
      { on: '2026-11-02', amount: '4.00', category: 'fun' },
      { on: '2026-11-03', amount: '8.00', category: 'bus' },
    );
    const drafts: [object, string[], string][] = [
      [{}, ['8.00', '4.00', '2.00'], '14.00'],
      [{ categoryId: 'fun' }, ['4.00'], '4.00'],
      [{ categoryIds: ['fun', 'bus'] }, ['8.00', '4.00'], '12.00'],
      [{ excludeCategories: ['fun'] }, ['8.00', '2.00'], '10.00'],
      [{ period: 'yearly' }, ['8.00', '4.00', '2.00', '1.00'], '15.00'],
      [{ period: { start: '2026-11-02', end: '2026-11-20' } }, ['8.00', '4.00'], '12.00'],
    ];
    for (const [draft, found, spent] of drafts) {
      const ruleId = await ruleOf(shopper, draft);
      expect([draft, await amounts(shopper, `ruleId=${ruleId}`)]).toEqual([draft, found]);
      const { body } = await service.get(`/api/smart-alerts/rules/${ruleId}`, shopper.token);
      expect(body.data.spent).toBe(spent);
    }
  });

  test('leave out excluded merchants, however their names are written, and still fill pages', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(
      { on: '2026-11-05', amount: '1.00', merchant: 'ACME RENT #12' },
      { on: '2026-11-04', amount: '2.00', merchant: 'Acme Rent' },
      { on: '2026-11-03', amount: '3.00', merchant: 'Corner' },
      { on: '2026-11-02', amount: '4.00' },
      { on: '2026-11-01', amount: '5.00', merchant: 'Bakery', merchantId: 'm-7' },
    );
    const ruleId = await ruleOf(shopper, { excludeMerchants: ['acme rent', 'm-7'] });
    expect(await amounts(shopper, `ruleId=${ruleId}`)).toEqual(['3.00', '4.00']);
    const first = await page(shopper, `ruleId=${ruleId}&limit=1`);
    expect(first.data).toMatchObject([{ amount: '3.00' }]);
    expect(await amounts(shopper, `ruleId=${ruleId}&limit=1&cursor=${first.nextCursor}`)).toEqual(['4.00']);
    expect(await amounts(shopper)).toHaveLength(5);
  });

  test('of given days are those in periods of the rule, and may be narrowed to a category', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts(
      ...['09-30', '10-01', '10-31', '11-01'].map((day, index) => ({
        on: `2026-${day}`,
        amount: `${index + 1}.00`,
        category: index % 2 === 0 ? 'food' : 'fun',
      })),
    );
    const monthly = await ruleOf(shopper, {});
    expect(await amounts(shopper, `ruleId=${monthly}&from=2026-10-01&to=2026-11-01`)).toEqual([
      '3.00',
      '2.00',
    ]);
    expect(await amounts(shopper, `ruleId=${monthly}&to=2026-10-02`)).toEqual(['2.00', '1.00']);
    expect(await amounts(shopper, `ruleId=${monthly}&from=2026-09-01&categoryId=food`)).toEqual([
      '3.00',
      '1.00',
    ]);
    const trip = await ruleOf(shopper, { period: { start: '2026-10-31', end: '2026-11-30' } });
    expect(await amounts(shopper, `ruleId=${trip}&from=2026-09-01&to=2026-12-01`)).toEqual(['4.00', '3.00']);
  });

  test('are 404 for a rule of anybody else, and for none', async () => {
    const shopper = await Shopper.arrives(service);
    const ruleId = await ruleOf(shopper, {});
    const other = await service.anotherTenant();
    const strangers = [
      await service.token('stranger'),
      await service.token('boss', { role: 'admin' }),
      await service.token(shopper.userId, { tenantId: other.tenantId }),
    ];
    for (const stranger of strangers)
      expect((await service.get(`${path}?ruleId=${ruleId}`, stranger)).status).toBe(404);
    expect((await service.get(`${path}?ruleId=${randomUUID()}`, shopper.token)).status).toBe(404);
  });
});

test.each([
  ['limit=0', '/limit'],
  ['cursor=!!', '/cursor'],
  [`cursor=${Buffer.from('["1","a\\u0000"]').toString('base64url')}`, '/cursor'],
  [`cursor=${Buffer.from('["99999999999999999","a"]').toString('base64url')}`, '/cursor'],
  ['ruleId=1', '/ruleId'],
  ['categoryId=%00', '/categoryId'],
  ['from=yesterday', '/from'],
  ['from=2026-02-30', '/from'],
  ['from=1899-12-31', '/from'],
  ['from=0000-01-01', '/from'],
  ['to=0000-01-01', '/to'],
  ['from=2026-11-02&to=2026-11-02', '/to'],
])('the list of expenses refuses %s with the pointer %s', async (query, pointer) => {
  const answer = await service.get(`${path}?${query}`, await service.token('list'));
  expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
});

test('the list of expenses takes days as far ahead as a calendar goes', async () => {
  const shopper = await Shopper.arrives(service);
  expect(await page(shopper, 'from=1900-01-01&to=9999-12-31')).toEqual({ data: [] });
});

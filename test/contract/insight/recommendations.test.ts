import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Purchase, Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const path = '/api/smart-alerts/recommendations';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const three = (category: string): Purchase[] => [
  { category, on: '2026-11-01', amount: '500.00', merchant: 'Alpha' },
  { category, on: '2026-11-02', amount: '300.00', merchant: 'Beta' },
  { category, on: '2026-11-03', amount: '200.00', merchant: 'Gamma' },
];

/** A person with a recommendation in each of the categories, created in their order. */
async function recommended(...categories: string[]): Promise<Shopper> {
  const shopper = await Shopper.arrives(service);
  for (const category of categories.length > 0 ? categories : ['food'])
    await shopper.buys(...three(category));
  return shopper;
}

const idsOf = (all: { id: string }[]): string[] => all.map(({ id }) => id);

describe('a recommendation', () => {
  test('has a text in the reader’s locale and the figures to check it', async () => {
    const shopper = await recommended();
    const [found] = await shopper.recommendations();
    expect(found).toEqual({
      id: expect.any(String),
      type: 'merchant_consolidation',
      categoryId: 'food',
      title: 'food: about $8.10 a month to save',
      description:
        '$500.00 of $1,000.00 went to 2 merchants other than Alpha from August 13, 2026 to November 10, 2026. Where one place has it all, buying there usually saves 3 to 5%: here about $8.10 a month.',
      estimatedMonthlySavings: '8.10',
      currency: 'USD',
      savingsPct: 2.4,
      confidence: expect.any(Number),
      difficulty: 'easy',
      actionItems: [
        'See whether Alpha has what you get at Beta, $300.00 in 90 days.',
        'See whether Alpha has what you get at Gamma, $200.00 in 90 days.',
        'Ask at Alpha for a loyalty card or a better price: $500.00 in 90 days is worth one.',
      ],
      evidence: {
        type: 'merchant_consolidation',
        from: '2026-08-13',
        to: '2026-11-10',
        merchants: [
          { name: 'Alpha', spent: '500.00', sharePct: 50, count: 1 },
          { name: 'Beta', spent: '300.00', sharePct: 30, count: 1 },
          { name: 'Gamma', spent: '200.00', sharePct: 20, count: 1 },
        ],
        target: 'Alpha',
        spentElsewhere: '500.00',
        ratePct: 4.86,
      },
      status: 'suggested',
      createdAt: service.clock.now().toString(),
      expiresAt: service.clock
        .now()
        .add({ hours: 24 * 45 })
        .toString(),
    });

    await service.put(`/api/users/${shopper.userId}`, { locale: 'de-AT' }, service.tenant.adminKey);
    await service.put('/api/categories/food', { name: 'Essen' }, service.tenant.adminKey);
    expect((await shopper.recommendations())[0].title).toBe('Essen: about $\u00a08,10 a month to save');
    await service.put('/api/categories/food', { name: null }, service.tenant.adminKey);
  });
});

describe('the list of recommendations', () => {
  test('is newest first, has pages and can be filtered', async () => {
    const shopper = await recommended('one', 'two', 'three');
    const all = await shopper.recommendations();
    expect(all.map(({ categoryId }: { categoryId: string }) => categoryId)).toEqual(['three', 'two', 'one']);
    expect(await shopper.recommendations('categoryId=two')).toEqual([all[1]]);
    expect(await shopper.recommendations('status=suggested&categoryId=four')).toEqual([]);
    const first = (await service.get(`${path}?limit=2`, shopper.token)).body;
    expect(first.data).toEqual(all.slice(0, 2));
    const rest = await service.get(`${path}?limit=2&cursor=${first.nextCursor}`, shopper.token);
    expect(rest.body).toEqual({ data: all.slice(2) });

    await shopper.decides(all[0].id, 'accept');
    await shopper.decides(all[2].id, 'dismiss');
    expect(await shopper.recommendations()).toEqual([all[1]]);
    expect(idsOf(await shopper.recommendations('status=accepted'))).toEqual([all[0].id]);
    expect(idsOf(await shopper.recommendations('status=dismissed'))).toEqual([all[2].id]);
    expect(await shopper.recommendations('status=expired')).toEqual([]);
  });

  test('shows each recommendation once, even if several were made at the same instant', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...['a', 'b', 'c', 'd'].flatMap(three));
    const all = await shopper.recommendations();
    const walked: { id: string }[] = [];
    for (let query: string | null = 'limit=1'; query !== null;) {
      const { body } = await service.get(`${path}?${query}`, shopper.token);
      walked.push(...body.data);
      query = body.nextCursor ? `limit=1&cursor=${body.nextCursor}` : null;
    }
    expect(all).toHaveLength(4);
    expect(walked).toEqual(all);
  });

  test.each([
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['status=lost', '/status'],
    ['categoryId=', '/categoryId'],
    ['cursor=!!', '/cursor'],
    ['type=spending_trend', '/type'],
  ])('answers %s with 400 and names the field %s', async (query, pointer) => {
    const answer = await service.get(`${path}?${query}`, await service.token('list'));
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].pointer).toBe(pointer);
  });

  test.each([path, '/api/smart-alerts/profile'])(
    'at %s needs a token and is empty for a new person',
    async (at) => {
      expect((await service.get(at)).status).toBe(401);
      const { status, body } = await service.get(at, await service.token(randomUUID()));
      expect(status).toBe(200);
      expect(body.data).toEqual(at === path ? [] : { currency: 'USD', categories: [] });
    },
  );
});

describe('the decision on a recommendation', () => {
  test('accepts it once, and repeating that is harmless', async () => {
    const shopper = await recommended();
    const [{ id }] = await shopper.recommendations();
    const decidedAt = service.clock.now().toString();
    const first = await shopper.decides(id, 'accept');
    expect(first).toMatchObject({
      status: 200,
      body: { data: { id, status: 'accepted', decidedAt, baselineMonthlySpending: '1000.00' } },
    });
    service.clock.advance({ minutes: 1 });
    expect((await shopper.decides(id, 'accept', {})).body).toEqual(first.body);
    const refused = await shopper.decides(id, 'dismiss');
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('accepted') } });
  });

  test('dismisses it once and keeps the first reason', async () => {
    const shopper = await recommended();
    const [{ id }] = await shopper.recommendations();
    const first = await shopper.decides(id, 'dismiss', { reason: 'no car' });
    expect(first).toMatchObject({
      status: 200,
      body: { data: { status: 'dismissed', dismissReason: 'no car' } },
    });
    service.clock.advance({ minutes: 1 });
    expect((await shopper.decides(id, 'dismiss', { reason: 'another' })).body).toEqual(first.body);
    const refused = await shopper.decides(id, 'accept');
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('dismissed') } });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });

  test('needs no body and rejects an invalid one', async () => {
    const shopper = await recommended();
    const [{ id }] = await shopper.recommendations();
    for (const body of [{ why: 'x' }, { reason: 1 }, { reason: 'x'.repeat(501) }, []])
      expect((await shopper.decides(id, 'dismiss', body)).status).toBe(400);
    const answer = await shopper.decides(id, 'dismiss');
    expect(answer.status).toBe(200);
    expect(answer.body.data).not.toHaveProperty('dismissReason');
  });

  test('is 404 for somebody else’s recommendation, which stays open', async () => {
    const shopper = await recommended();
    const [found] = await shopper.recommendations();
    const { tenantId } = await service.anotherTenant();
    const strangers = [
      await service.token('stranger'),
      await service.token('boss', { role: 'admin' }),
      await service.token(shopper.userId, { tenantId }),
    ];
    for (const decision of ['accept', 'dismiss']) {
      for (const stranger of strangers)
        expect((await service.put(`${path}/${found.id}/${decision}`, {}, stranger)).status).toBe(404);
      for (const unknown of ['1', randomUUID()])
        expect((await service.put(`${path}/${unknown}/${decision}`, {}, shopper.token)).status).toBe(404);
    }
    expect(await shopper.recommendations()).toEqual([found]);
  });

  test('is visible at once, and of two at the same moment only one succeeds', async () => {
    const shopper = await recommended();
    const [{ id }] = await shopper.recommendations();
    const answers = await Promise.all([
      shopper.decides(id, 'accept'),
      shopper.decides(id, 'dismiss'),
      shopper.decides(id, 'accept'),
    ]);
    const [accepted, dismissed] = answers.map(({ status }) => status);
    expect(new Set([accepted, dismissed])).toEqual(new Set([200, 409]));
    expect(await shopper.recommendations()).toEqual([]);
  });
});

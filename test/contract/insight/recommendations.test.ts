import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rising, Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const path = '/api/smart-alerts/recommendations';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const today = () => service.clock.now().toZonedDateTimeISO('UTC').toPlainDate();
const thisMonth = () => today().toPlainYearMonth().toString();

/** A person with a recommendation in each of the categories, the first worth most. */
async function recommended(...categories: string[]): Promise<Shopper> {
  const shopper = await Shopper.arrives(service);
  for (const [place, category] of (categories.length > 0 ? categories : ['food']).entries())
    await shopper.buys(...rising({ category, before: thisMonth(), each: `${20 - 4 * place}.00` }));
  return shopper;
}

/** So that 30 days can pass in the same month. */
const nextMonthBegins = () => {
  const first = today().with({ day: 1 }).add({ months: 1 });
  service.clock.moveTo(Temporal.Instant.from(`${first.toString()}T12:00:00Z`));
};

const idsOf = (all: { id: string }[]): string[] => all.map(({ id }) => id);

describe('a recommendation', () => {
  test('has a text in the reader’s locale and the figures to check it', async () => {
    const shopper = await recommended();
    const [found] = await shopper.recommendations();
    const month = (name: string, total: string, count: number) => ({ month: name, total, count });
    expect(found).toEqual({
      id: expect.any(String),
      type: 'spending_trend',
      categoryId: 'food',
      title: 'food: $440.00 a month, $200.00 before',
      description:
        '$440.00 a month from August 2026 to October 2026, $200.00 a month from May 2026 to July 2026, without recurring charges. Part of such a rise usually fades by itself. About $108.00 a month of it will probably stay unless you spend less.',
      estimatedMonthlySavings: '108.00',
      currency: 'USD',
      savingsPct: 24.5,
      confidence: 0.8,
      difficulty: 'hard',
      actionItems: [
        'Look at August 2026 first: $440.00 in 22 purchases.',
        'Begin where most goes: Alpha, $540.00 in 90 days.',
        'If it is there to stay, give it a budget: $440.00 a month.',
        'If it is not, aim for $200.00 a month, as from May 2026 to July 2026.',
      ],
      evidence: {
        type: 'spending_trend',
        from: '2026-08-13',
        to: '2026-11-10',
        merchants: [
          { name: 'Alpha', spent: '540.00', count: 27 },
          { name: 'Beta', spent: '300.00', count: 15 },
          { name: 'Gamma', spent: '240.00', count: 12 },
        ],
        earlier: ['2026-05', '2026-06', '2026-07'].map((name) => month(name, '200.00', 10)),
        earlierAverage: '200.00',
        recent: ['2026-08', '2026-09', '2026-10'].map((name) => month(name, '440.00', 22)),
        recentAverage: '440.00',
        trendPct: 120,
        z: 3.67,
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
    expect((await shopper.recommendations())[0].title).toBe(
      'Essen: $\u00a0440,00 a month, $\u00a0200,00 before',
    );
    await service.put('/api/categories/food', { name: null }, service.tenant.adminKey);
  });
});

describe('the list of recommendations', () => {
  test('is by rank, has pages and can be filtered', async () => {
    nextMonthBegins();
    const shopper = await recommended('one', 'two');
    service.clock.advance({ hours: 24 * 30 });
    await shopper.buys(...rising({ category: 'three', before: thisMonth(), each: '21.00' }));
    const all = await shopper.recommendations();
    expect(all.map(({ categoryId }: { categoryId: string }) => categoryId)).toEqual(['three', 'one', 'two']);
    expect(await shopper.recommendations('categoryId=two')).toEqual([all[2]]);
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

  test('has at most three open ones, of which two are new in 30 days, and shows each once if they rank the same', async () => {
    nextMonthBegins();
    const shopper = await Shopper.arrives(service);
    const before = thisMonth();
    const all = ['a', 'b', 'c', 'd', 'e'].flatMap((category) => rising({ category, before }));
    await shopper.buys(...all);
    expect(await shopper.recommendations()).toHaveLength(2);
    service.clock.advance({ hours: 24 * 30 });
    await shopper.buys({ on: today().toString(), amount: '1.00' });
    const open = await shopper.recommendations();
    const walked: { id: string }[] = [];
    for (let query: string | null = 'limit=1'; query !== null;) {
      const { body } = await service.get(`${path}?${query}`, shopper.token);
      walked.push(...body.data);
      query = body.nextCursor ? `limit=1&cursor=${body.nextCursor}` : null;
    }
    expect(open).toHaveLength(3);
    expect(walked).toEqual(open);
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
      body: { data: { id, status: 'accepted', decidedAt, baselineMonthlySpending: '308.00' } },
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

/** Benchmarks and comparisons through the API, for cohorts of one to twenty people. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { CohortWorld, spenders, type Spent } from '../../support/worlds/cohort-world.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const slot = Temporal.Instant.from('2026-11-10T02:15:00Z');
const runJob = (at = slot) => runJobNow(service.services, 'benchmarks', at);

/** A separate tenant whose people spent in October. */
async function tenantOf(...spent: Spent[]): Promise<CohortWorld> {
  const world = await CohortWorld.make(service.services.db);
  await world.spend(...spent);
  return world;
}

async function get(world: CohortWorld, call: string, userId = 'p01') {
  const token = await service.token(userId, { tenantId: world.tenantId });
  return service.get(`/api/smart-alerts/${call}`, token);
}

const data = async (world: CohortWorld, call: string, userId = 'p01') => {
  const answer = await get(world, call, userId);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body.data;
};

/** People who spent 123.45, 246.90 and so on. */
const cohort = (count: number) => spenders(count, (number) => 12_345n * BigInt(number));

describe('GET /benchmarks/:categoryId', () => {
  test('returns the figures of twenty people to three significant digits', async () => {
    const world = await tenantOf(...cohort(20));
    await runJob();
    expect(await data(world, 'benchmarks/food')).toEqual({
      period: '2026-10',
      currency: 'USD',
      cohortSize: 20,
      mean: '1300.00',
      standardDeviation: '730.00',
      p10: '358.00',
      p25: '710.00',
      median: '1300.00',
      p75: '1880.00',
      p90: '2230.00',
      monthOverMonthPct: null,
      yearOverYearPct: null,
      trend: null,
      updatedAt: '2026-11-10T12:00:00Z',
    });
    expect(await data(world, 'benchmarks/food?period=2026-10')).toEqual(await data(world, 'benchmarks/food'));
  });

  test.each([
    [1, { mean: null, standardDeviation: null, p10: null, p25: null, median: null, p75: null, p90: null }],
    [9, { mean: null, standardDeviation: null, p10: null, p25: null, median: null, p75: null, p90: null }],
    [
      10,
      { mean: '679.00', standardDeviation: '374.00', p10: null, p25: '401.00', median: '679.00', p90: null },
    ],
    [19, { mean: '1230.00', p10: null, p25: '679.00', p90: null }],
    [20, { mean: '1300.00', p10: '358.00', p25: '710.00', p90: '2230.00' }],
  ])('returns for %i people only the figures that k-anonymity allows', async (cohortSize, figures) => {
    const world = await tenantOf(...cohort(cohortSize));
    await world.compute();
    expect(await data(world, 'benchmarks/food')).toMatchObject({ cohortSize, ...figures });
  });

  test('compares the published figures of months and names the trend', async () => {
    const world = await tenantOf(...cohort(10));
    await world.spend(...cohort(10).map((each) => ({ ...each, day: '2026-09-30', minor: each.minor / 2n })));
    await world.spend(...cohort(10).map((each) => ({ ...each, day: '2025-10-31', minor: each.minor * 2n })));
    await world.spend(...cohort(9).map((each) => ({ ...each, day: '2026-08-01' })));
    await runJob();
    expect(await data(world, 'benchmarks/food')).toMatchObject({
      monthOverMonthPct: 100.3,
      yearOverYearPct: -50.1,
      trend: 'rising',
    });
    // For nine people nothing is published, so there is nothing to compare with.
    expect(await data(world, 'benchmarks/food?period=2026-09')).toMatchObject({
      mean: '339.00',
      monthOverMonthPct: null,
      trend: null,
    });
  });

  test('hides a deviation that would reveal what each person spent', async () => {
    const world = await tenantOf(...spenders(12, () => 999n));
    await world.compute();
    expect(await data(world, 'benchmarks/food')).toMatchObject({ mean: '9.99', standardDeviation: null });
  });

  test('formats amounts with the decimals of the currency', async () => {
    const world = await CohortWorld.make(service.services.db, { currency: 'JPY' });
    await world.spend(...cohort(10).map((each) => ({ ...each, currency: 'JPY' })));
    await world.compute();
    expect(await data(world, 'benchmarks/food')).toMatchObject({ mean: '67900', currency: 'JPY' });
  });

  test('treats categories of one benchmark key as one', async () => {
    const world = await tenantOf(
      ...cohort(10).slice(0, 6),
      ...cohort(10)
        .slice(5)
        .map((each) => ({ ...each, category: 'snacks' })),
    );
    for (const category of ['food', 'snacks']) await world.counts(category, 'eating');
    await world.compute();
    expect(await data(world, 'benchmarks/food')).toMatchObject({ cohortSize: 10 });
    expect(await data(world, 'benchmarks/snacks')).toEqual(await data(world, 'benchmarks/food'));
  });

  test('shows a recomputed benchmark and a changed benchmark key at once', async () => {
    const world = await tenantOf(...cohort(10));
    await world.compute();
    expect(await data(world, 'benchmarks/food')).toMatchObject({ median: '679.00' });
    await world.spend(...cohort(10));
    await world.compute();
    expect(await data(world, 'benchmarks/food')).toMatchObject({ median: '1360.00' });
    await world.counts('food', 'eating');
    expect((await get(world, 'benchmarks/food')).status).toBe(404);
  });

  test('is 404 without a benchmark and for an unknown category', async () => {
    const world = await tenantOf(...cohort(10), { userId: 'p01', minor: 100n, day: '2026-11-03' });
    await runJob();
    for (const call of ['food?period=2026-11', 'food?period=2026-09', 'food?period=2030-01', 'other'])
      expect((await get(world, `benchmarks/${call}`)).status).toBe(404);
    const stranger = await tenantOf();
    expect((await get(stranger, 'benchmarks/food')).status).toBe(404);
  });

  test.each(['2026', '2026-13', '2026-1', '2026-10-01', 'october', '0000-01', ''])(
    'is 400 for the period %o and names the field',
    async (period) => {
      const world = await tenantOf(...cohort(1));
      for (const call of ['benchmarks', 'comparison']) {
        const answer = await get(world, `${call}/food?period=${period}`);
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/period' }] } });
      }
    },
  );
});

describe('GET /comparison/:categoryId', () => {
  test('compares a person with a cohort of twenty', async () => {
    const world = await tenantOf(...cohort(20));
    await world.compute();
    const benchmark = await data(world, 'benchmarks/food');
    expect(await data(world, 'comparison/food', 'p20')).toEqual({
      period: '2026-10',
      currency: 'USD',
      userSpending: '2469.00',
      percentileRank: 97.5,
      isOutlier: true,
      vsMeanPct: 89.9,
      vsMedianPct: 89.9,
      insight:
        'food: $2,469.00 in October 2026, 90% above the average of 20 people ($1,300.00); most of them spent less.',
      benchmark,
    });
    const [second, third] = [
      await data(world, 'comparison/food', 'p02'),
      await data(world, 'comparison/food', 'p03'),
    ];
    expect([second.percentileRank, second.isOutlier]).toEqual([7.5, true]);
    expect([third.percentileRank, third.isOutlier]).toEqual([12.5, false]);
    expect(second.insight).toBe(
      'food: $246.90 in October 2026, 81% below the average of 20 people ($1,300.00).',
    );
  });

  test('hides outliers below twenty people and ranks below ten', async () => {
    const [ten, nine] = [await tenantOf(...cohort(10)), await tenantOf(...cohort(9))];
    await Promise.all([ten.compute(), nine.compute()]);
    expect(await data(ten, 'comparison/food')).toMatchObject({ percentileRank: 5, isOutlier: null });
    expect(await data(nine, 'comparison/food')).toMatchObject({
      percentileRank: null,
      isOutlier: null,
      vsMeanPct: null,
      vsMedianPct: null,
      benchmark: { cohortSize: 9, mean: null },
      insight: 'food: $123.45 in October 2026; there is no earlier month of yours to compare it with yet.',
    });
  });

  test('has the person’s current spending beside the published rank and figures', async () => {
    const world = await tenantOf(...cohort(12));
    await world.compute();
    const before = await data(world, 'comparison/food', 'p03');
    await world.spend({ userId: 'p03', minor: 1_000_000n });
    await world.compute();
    const after = await data(world, 'comparison/food', 'p03');
    expect(after).toMatchObject({ userSpending: '10370.35', percentileRank: before.percentileRank });
    expect(after.benchmark).toEqual(before.benchmark);
  });

  test('compares with the person’s own months if there is no benchmark', async () => {
    const of = (month: string, minor: bigint): Spent => ({ userId: 'p01', minor, day: `${month}-01` });
    const world = await tenantOf(
      of('2026-10', 30_000n),
      of('2026-09', 10_000n),
      of('2026-07', 20_000n),
      of('2026-11', 5n),
    );
    expect(await data(world, 'comparison/food')).toEqual({
      period: '2026-10',
      currency: 'USD',
      userSpending: '300.00',
      percentileRank: null,
      isOutlier: null,
      vsMeanPct: null,
      vsMedianPct: null,
      insight: 'food: $300.00 in October 2026, 200% above your average of the 3 months before ($100.00).',
      benchmark: null,
    });
    expect((await data(world, 'comparison/food?period=2026-08')).insight).toBe(
      'food: nothing spent in August 2026, 100% below the month before ($200.00).',
    );
    for (const period of ['2026-11', '2026-06', '2027-01'])
      expect((await get(world, `comparison/food?period=${period}`)).status).toBe(404);
  });

  test('shows the figures to a person outside the cohort, and compares them with their own months', async () => {
    const world = await tenantOf(...cohort(12));
    await world.consents('p12', false);
    await world.compute();
    expect(await data(world, 'comparison/food', 'p12')).toMatchObject({
      userSpending: '1481.40',
      percentileRank: null,
      vsMeanPct: 99.9,
      benchmark: { cohortSize: 11, mean: '741.00' },
      insight: expect.stringContaining('no earlier month'),
    });
    expect(await data(world, 'comparison/food', 'nobody')).toMatchObject({ userSpending: '0.00' });
  });

  test('converts spending in other currencies', async () => {
    const world = await tenantOf(
      { userId: 'p01', minor: 10_000n, currency: 'EUR' },
      { userId: 'p01', minor: 5000n },
    );
    await world.rate('2026-10-01', 'USD', 'EUR', '0.5');
    expect(await data(world, 'comparison/food')).toMatchObject({ userSpending: '250.00' });
  });

  test('formats figures in the reader’s locale', async () => {
    const world = await tenantOf(...cohort(12));
    await world.compute();
    await service.put(
      '/api/smart-alerts/preferences',
      { locale: 'de' },
      await service.token('p12', { tenantId: world.tenantId }),
    );
    expect((await data(world, 'comparison/food', 'p12')).insight).toContain(
      '1.481,40\u00a0$ in Oktober 2026',
    );
  });
});

test('a month gets its benchmark by the first slot after it has ended everywhere on Earth', async () => {
  const world = await tenantOf(...cohort(10));
  await runJob(Temporal.Instant.from('2026-11-01T11:59:59Z'));
  expect(await world.benchmarks()).toEqual([]);
  const { outcome } = await runJob(Temporal.Instant.from('2026-11-01T12:00:00Z'));
  expect(outcome).toMatch(/^benchmarks made: \d+, for \d+ tenants$/);
  expect(await world.benchmarks()).toHaveLength(1);
});

/** Profiles from expenses posted through the public API, and how often they are rebuilt. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { evaluate } from '../../support/worlds/alerts/batches.ts';
import { monthly, profilesRebuilt, rising, Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { recommendations } from '../../../src/insight/queue.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('the profile', () => {
  test('has the figures of each category', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(
      { on: '2026-03-02', amount: '7.00' },
      ...monthly(['10.00', '20.00', '30.00', '40.00', '50.00', '60.00'], { merchant: 'Alpha' }),
      { on: '2026-10-20', amount: '30.00', merchant: 'Beta' },
      { on: '2026-10-21', amount: '-10.00', merchant: 'Beta' },
      { on: '2026-11-09', amount: '5.00', category: 'new' },
      { on: '2026-03-09', amount: '5.00', category: 'long ago' },
    );
    expect(await shopper.categories()).toEqual([
      {
        categoryId: 'food',
        months: 6,
        monthlyAverage: '38.33',
        averageTransaction: '32.86',
        frequency: 1.17,
        // 170 in the last three months against 60 before.
        trendPct: 183.3,
        // √(3083.33 / 5) divided by the mean of 38.33.
        volatility: 0.6478,
        topMerchants: [
          { name: 'Alpha', spent: '150.00', count: 3 },
          { name: 'Beta', spent: '20.00', count: 1 },
        ],
        percentileRank: null,
        isOutlier: null,
      },
      {
        categoryId: 'new',
        months: 0,
        monthlyAverage: null,
        averageTransaction: null,
        frequency: null,
        trendPct: null,
        volatility: null,
        topMerchants: [],
        percentileRank: null,
        isOutlier: null,
      },
    ]);
  });

  test('counts the local days of the person', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys({ on: '2026-09-30T23:30:00Z', amount: '10.00' });
    expect(await shopper.categories()).toMatchObject([{ months: 1, monthlyAverage: '0.00' }]);
    const { adminKey } = service.tenant;
    service.clock.advance({ seconds: 30 });
    await service.put(`/api/users/${shopper.userId}`, { timezone: 'Europe/Berlin' }, adminKey);
    service.clock.advance({ seconds: 30 });
    await runJobNow(service.services, 'sweep-pending', service.clock.now());
    await profilesRebuilt(service.sql);
    expect(await shopper.categories()).toMatchObject([{ months: 1, monthlyAverage: '10.00' }]);
  });

  test('counts expenses whose exchange rates come later', async () => {
    const tenant = await service.anotherTenant();
    const shopper = await Shopper.arrives(service, tenant);
    await shopper.buys({ on: '2026-10-01', amount: '10.00', currency: 'EUR' });
    expect(await shopper.categories()).toEqual([]);
    const table = { date: '2026-09-24', base: 'USD', rates: { EUR: '0.5' } };
    expect((await service.put('/api/fx-rates', table, tenant.adminKey)).status).toBe(200);
    service.clock.advance({ seconds: 30 });
    await runJobNow(service.services, 'sweep-pending', service.clock.now());
    await profilesRebuilt(service.sql);
    expect(await shopper.categories()).toMatchObject([{ months: 1, monthlyAverage: '20.00' }]);
  });

  test('leaves out amounts that are too large after conversion, and counts the others', async () => {
    const tenant = await service.anotherTenant({ currency: 'JPY' });
    const shopper = await Shopper.arrives(service, tenant);
    const rates = { EUR: '0.00000000000001', JPY: '999999999999999' };
    const table = { date: '2026-09-24', base: 'USD', rates };
    expect((await service.put('/api/fx-rates', table, tenant.adminKey)).status).toBe(200);
    await shopper.buys(
      { on: '2026-10-01', amount: '9999999999999.00', currency: 'EUR', merchant: 'Alpha' },
      { on: '2026-10-01', amount: '9999999999998.00', currency: 'EUR', merchant: 'Beta' },
      { on: '2026-10-01', amount: '9999999999997.00', currency: 'EUR', merchant: 'Gamma' },
      { on: '2026-10-01', amount: '500', currency: 'JPY', merchant: 'Alpha' },
    );
    expect(await shopper.categories()).toMatchObject([{ monthlyAverage: '500' }]);
  });

  test('is due again at the end of the month when a later expense is dated ahead', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys({ on: '2026-12-20', amount: '10.00' });
    expect(await shopper.categories()).toEqual([]);
    const readDue = ({ userId }: Shopper) =>
      service.sql.selectFrom('users').select('profile_due_at').where('id', '=', userId).execute();
    const monthEnd = [{ profile_due_at: expect.stringMatching(/^2026-12-01/) }];
    expect(await readDue(shopper)).toEqual(monthEnd);
    await shopper.buys({ on: '2025-01-20', amount: '10.00' });
    expect(await readDue(shopper)).toEqual(monthEnd);

    const former = await Shopper.arrives(service);
    await former.buys({ on: '2025-01-20', amount: '10.00' });
    expect(await readDue(former)).toEqual([{ profile_due_at: null }]);
  });

  test('is the same after a few expenses at a time as after all at once', async () => {
    const [one, other] = [await Shopper.arrives(service), await Shopper.arrives(service)];
    const purchases = [...rising(), { on: '2026-10-09', amount: '-50.00', merchant: 'Beta' }];
    const parts = Map.groupBy(purchases, (_, place) => place % 7);
    for (const part of parts.values()) await one.buys(...part);
    await other.buys(...purchases);
    expect(await one.categories()).toEqual(await other.categories());
    const facts = (all: { estimatedMonthlySavings: string; evidence: object }[]) =>
      all.map(({ estimatedMonthlySavings, evidence }) => ({ estimatedMonthlySavings, evidence }));
    expect(facts(await one.recommendations())).toEqual(facts(await other.recommendations()));
    expect(await one.recommendations()).toHaveLength(1);
  });
});

describe('the percentile rank of a person', () => {
  const rank = async (shopper: Shopper) => {
    const [{ percentileRank, isOutlier }] = await shopper.categories();
    return [percentileRank, isOutlier];
  };

  /** Inserts a benchmark and a person's rank in it, without the job that computes them. */
  async function benchmark(key: string, month: string, cohort: number, userId: string, percentile: number) {
    const { tenantId } = service.tenant;
    await statement`
      with replaced as (
        insert into spending_benchmarks (tenant_id, benchmark_key, month, currency, cohort_size, mean, p10, p25,
          median, p75, p90, category_ids, updated_at)
        values (${tenantId}, ${key}, ${month}, 'USD', ${cohort}, 1, 1, 1, 1, 1, 1, '{}', now())
        on conflict (tenant_id, benchmark_key, month) do update set cohort_size = excluded.cohort_size
      )
      insert into benchmark_people (tenant_id, month, user_id, benchmark_keys, spent_minor, percentile_ranks)
      values (${tenantId}, ${month}, ${userId}, array[${key}], '{1}', array[${percentile}::numeric])
      on conflict (tenant_id, month, user_id) do update
      set (benchmark_keys, spent_minor, percentile_ranks)
        = (excluded.benchmark_keys, excluded.spent_minor, excluded.percentile_ranks)`.execute(service.sql);
  }

  test.each([
    [9, 95, null, null],
    [10, 95, 95, null],
    [19, 95, 95, null],
    [20, 95, 95, true],
    [20, 90, 90, true],
    [20, 89.9, 89.9, false],
    [20, 10.1, 10.1, false],
    [20, 10, 10, true],
  ])(
    'in a cohort of %s people with rank %s is shown as %s, with isOutlier %s',
    async (cohort, at, percentile, isOutlier) => {
      const shopper = await Shopper.arrives(service);
      await shopper.buys({ on: '2026-10-01', amount: '10.00', category: `among-${cohort}-${at}` });
      expect(await rank(shopper)).toEqual([null, null]);
      await benchmark(`among-${cohort}-${at}`, '2026-10-01', cohort, shopper.userId, at);
      expect(await rank(shopper)).toEqual([percentile, isOutlier]);
    },
  );

  test('is that of the latest month of the category’s benchmark key, and of no other', async () => {
    const shopper = await Shopper.arrives(service);
    const other = await Shopper.arrives(service);
    await shopper.buys({ on: '2026-10-01', amount: '10.00', category: 'keyed' });
    await service.put('/api/categories/keyed', { benchmarkKey: 'shared' }, service.tenant.adminKey);
    await benchmark('keyed', '2026-10-01', 20, shopper.userId, 1);
    expect(await rank(shopper)).toEqual([null, null]);
    await benchmark('shared', '2026-08-01', 20, shopper.userId, 50);
    await benchmark('shared', '2026-09-01', 20, shopper.userId, 60);
    expect(await rank(shopper)).toEqual([60, false]);
    await benchmark('shared', '2026-10-01', 20, other.userId, 70);
    expect(await rank(shopper)).toEqual([null, null]);
  });
});

test('at most one rebuild of a person waits, however many expenses come', async () => {
  const busy = await startService({ env: { WORKERS: 'evaluate-alerts' } });
  try {
    const shopper = await Shopper.arrives(busy);
    for (const each of rising().slice(0, 4)) await shopper.posts(each);
    const waiting = await busy.services.queues.named(recommendations.name).getJobs(['waiting', 'delayed']);
    expect(waiting.map(({ data }) => data.tenantId)).toEqual([busy.tenant.tenantId]);
    expect(JSON.stringify(waiting.map(({ data }) => data))).not.toContain(shopper.userId);
  } finally {
    await busy.stop();
  }
});

test('a batch of a hundred people enqueues fewer than 30 rebuilds, and all profiles are rebuilt', async () => {
  const people = Array.from({ length: 100 }, (_, place) => `crowd-${place}`);
  const time = service.clock.advance({ seconds: 5 }).toString();
  const events = people.map((userId) => ({
    id: userId,
    type: 'expense.created',
    time,
    data: { expenseId: userId, userId, categoryId: 'food', amount: '1.00', currency: 'USD', spentAt: time },
  }));
  const countJobs = () =>
    service.services.queues.named(recommendations.name).getJobCounts('completed', 'active', 'waiting');
  const before = Object.values(await countJobs()).reduce((sum, count) => sum + count, 0);
  expect((await service.post('/api/events', events)).status).toBe(202);
  await service.settled();
  await profilesRebuilt(service.sql);
  const after = Object.values(await countJobs()).reduce((sum, count) => sum + count, 0);
  expect(after - before).toBeLessThan(30);
  const profiled = await service.sql
    .selectFrom('user_spending_profiles')
    .select('user_id')
    .where('user_id', 'in', people)
    .execute();
  expect(profiled).toHaveLength(people.length);
});

/** Has to be the last test: nothing is enqueued here, so its profile stays stale. */
test('a profile that is stale already is not enqueued again', async () => {
  const { db } = service.services;
  const { tenantId } = await service.anotherTenant();
  const spentAt = service.clock.now();
  const food = { userId: 'p01', categoryId: 'food', amountMinor: 100n, currency: 'USD', spentAt };
  const event = (id: string) => ({ id, time: spentAt, expenseId: id, expense: food });
  const first = await evaluate(db, tenantId, [event('a')], spentAt);
  const second = await evaluate(db, tenantId, [event('b')], spentAt);
  expect([first?.profiles.length, second?.profiles.length]).toEqual([1, 0]);
});

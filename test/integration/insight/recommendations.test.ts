/** Recommendations from expenses posted through the public API, compared with plain queries over them. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monthly, type Purchase, Shopper, three } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const unnamed: Purchase = { on: '2026-10-04', amount: '200.00' };

type Shown = { type: string; estimatedMonthlySavings: string };
const ofType = (all: Shown[], type: string) => all.filter((each) => each.type === type);

/** The formula in floating point over the stored expenses, by merchants as they are spelled. */
async function plainConsolidation(userId: string, minorPerUnit: number, rate = '1'): Promise<number> {
  const { rows } = await statement<{ saving: number }>`
    with merchants as (
      select upper(merchant) as merchant,
        sum(case when currency = 'EUR' then round(amount_minor * ${rate}::numeric) else amount_minor end) as spent
      from expenses
      where user_id = ${userId} and merchant is not null and merchant <> 'Unrated'
        and spent_at >= '2026-08-13T00:00:00Z' and spent_at < '2026-11-11T00:00:00Z'
      group by 1
      having sum(amount_minor) > 0
    ), all_of_them as (
      select sum(spent) as total, max(spent) as most, count(*) as n, sum(spent * spent) as squares from merchants
    )
    select ((0.03 + 0.02 * (1 - squares / (total * total)) / (1 - 1.0 / n)) * (total - most) / 3)::float as saving
    from all_of_them`.execute(service.sql);
  return (rows[0]?.saving ?? Number.NaN) / minorPerUnit;
}

/** Spending of each month that has an expense, oldest first. */
async function plainMonths(userId: string): Promise<{ month: string; total: string; count: number }[]> {
  const { rows } = await statement<{ month: string; total: string; count: number }>`
    select to_char(spent_at at time zone 'UTC', 'YYYY-MM') as month,
      (sum(amount_minor) / 100)::numeric(12, 2)::text as total,
      (count(*) filter (where amount_minor > 0))::int as count
    from expenses
    where user_id = ${userId} and spent_at < '2026-11-01T00:00:00Z'
    group by 1 order by 1`.execute(service.sql);
  return rows;
}

describe('a merchant consolidation', () => {
  test('is recommended with the figures of a plain query', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...three);
    const [found, ...others] = await shopper.recommendations();
    expect(others).toEqual([]);
    // 3 % + 2 % × (1 − 0.38) / (2/3) = 4.86 % of 500.00, divided by 3 months.
    expect(found).toMatchObject({
      type: 'merchant_consolidation',
      categoryId: 'food',
      title: 'food: about $8.10 a month to save',
      estimatedMonthlySavings: '8.10',
      currency: 'USD',
      savingsPct: 2.4,
      difficulty: 'easy',
      status: 'suggested',
      evidence: {
        from: '2026-08-13',
        to: '2026-11-10',
        target: 'Alpha',
        ratePct: 4.86,
        spentElsewhere: '500.00',
        merchants: [
          { name: 'Alpha', spent: '500.00', sharePct: 50, count: 1 },
          { name: 'Beta', spent: '300.00', sharePct: 30, count: 2 },
          { name: 'Gamma', spent: '200.00', sharePct: 20, count: 1 },
        ],
      },
    });
    expect(Number(found.estimatedMonthlySavings)).toBeCloseTo(
      await plainConsolidation(shopper.userId, 100),
      2,
    );
    const lifetime = Temporal.Instant.from(found.expiresAt).since(found.createdAt).total('hours');
    expect(lifetime).toBe(24 * 45);
  });

  test.each<[string, Purchase[]]>([
    ['two merchants', three.filter(({ merchant }) => merchant !== 'Gamma')],
    [
      'a third merchant that refunded everything',
      [...three, { on: '2026-10-05', amount: '-200.00', merchant: 'Gamma' }],
    ],
    [
      'a third merchant 90 days ago',
      three.map((each) => (each.merchant === 'Gamma' ? { ...each, on: '2026-08-12' } : each)),
    ],
    [
      'a third merchant tomorrow',
      three.map((each) => (each.merchant === 'Gamma' ? { ...each, on: '2026-11-11' } : each)),
    ],
    [
      'a third merchant in another category',
      three.map((each) => ({ ...each, category: each.merchant === 'Gamma' ? 'fun' : 'food' })),
    ],
    ['a third merchant without a name', three.map((each) => (each.merchant === 'Gamma' ? unnamed : each))],
    ['a saving that is too small', three.map((each) => ({ ...each, amount: `${Number(each.amount) / 2}` }))],
  ])('is not recommended for %s', async (_, purchases) => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...purchases);
    expect(await shopper.categories()).not.toEqual([]);
    expect(ofType(await shopper.recommendations(), 'merchant_consolidation')).toEqual([]);
  });

  test('counts the first of the 90 days and today', async () => {
    const shopper = await Shopper.arrives(service);
    const days = ['2026-08-13', '2026-11-10T00:00:00Z', '2026-11-10T12:00:00Z', '2026-08-13T00:00:00Z'];
    await shopper.buys(...three.map((each, place) => ({ ...each, on: days[place] ?? '' })));
    expect(ofType(await shopper.recommendations(), 'merchant_consolidation')).toHaveLength(1);
  });

  test('counts foreign purchases at the rate of their day, and leaves out those without a rate', async () => {
    const table = (date: string, rate: string) => ({ date, base: 'EUR', rates: { USD: rate } });
    const tenant = await service.anotherTenant();
    await service.put('/api/fx-rates', table('2026-09-30', '1.25'), tenant.adminKey);
    const shopper = await Shopper.arrives(service, tenant);
    await shopper.buys(
      ...three.map((each) => (each.merchant === 'Alpha' ? each : { ...each, currency: 'EUR' })),
      { on: '2026-10-20', amount: '999.00', merchant: 'Unrated', currency: 'EUR' },
    );
    const [found] = ofType(await shopper.recommendations(), 'merchant_consolidation');
    expect(found).toMatchObject({
      currency: 'USD',
      evidence: { spentElsewhere: '625.00', merchants: [{}, { spent: '375.00' }, { spent: '250.00' }] },
    });
    expect(Number(found?.estimatedMonthlySavings)).toBeCloseTo(
      await plainConsolidation(shopper.userId, 100, '1.25'),
      2,
    );
  });

  test('is recommended in a currency without decimals', async () => {
    const tenant = await service.anotherTenant({ currency: 'JPY' });
    const shopper = await Shopper.arrives(service, tenant);
    const yen = three.map((each) => ({ ...each, amount: `${Number(each.amount)}`, currency: 'JPY' }));
    await shopper.buys(...yen);
    const [found] = await shopper.recommendations();
    expect(found).toMatchObject({ estimatedMonthlySavings: '8', currency: 'JPY' });
    expect(Math.round(await plainConsolidation(shopper.userId, 1))).toBe(8);
  });
});

describe('a spending trend', () => {
  test('is recommended with the figures of a plain query', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(
      { on: '2026-04-30', amount: '1.00' },
      ...monthly(['100.00', '100.00', '100.00', '150.00', '150.00', '150.00']),
      { on: '2026-10-31', amount: '-30.00' },
      { on: '2026-11-01', amount: '5000.00' },
    );
    const [found] = ofType(await shopper.recommendations(), 'spending_trend');
    const months = await plainMonths(shopper.userId);
    expect(found).toMatchObject({
      title: 'food: 40% more a month than before',
      estimatedMonthlySavings: '40.00',
      savingsPct: 28.6,
      evidence: {
        earlier: months.slice(1, 4),
        recent: months.slice(4, 7),
        earlierAverage: '100.00',
        recentAverage: '140.00',
        trendPct: 40,
      },
    });
  });

  test('counts months without spending as 0', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(
      { on: '2026-01-01', amount: '1.00' },
      { on: '2026-07-15', amount: '60.00' },
      { on: '2026-10-15', amount: '90.00' },
    );
    const [found] = ofType(await shopper.recommendations(), 'spending_trend');
    expect(found).toMatchObject({
      estimatedMonthlySavings: '10.00',
      evidence: {
        earlier: [
          { month: '2026-05', total: '0.00' },
          { month: '2026-06', total: '0.00' },
          { month: '2026-07', total: '60.00' },
        ],
        recent: [{ total: '0.00' }, { total: '0.00' }, { total: '90.00' }],
      },
    });
  });

  test.each([
    ['the middle of a month', '2026-06-02', '100.00', 4],
    ['the first day of a month', '2026-06-01', '100.00', 5],
  ])(
    'counts complete months alone for a person whose spending began in %s',
    async (_, began, amount, months) => {
      const shopper = await Shopper.arrives(service);
      await shopper.buys({ on: began, amount }, ...monthly(['100.00', '150.00', '150.00', '150.00']));
      const [{ months: counted, trendPct }] = await shopper.categories();
      expect([counted, trendPct]).toEqual(months === 5 ? [5, 50] : [4, null]);
      const found = ofType(await shopper.recommendations(), 'spending_trend');
      expect(found).toHaveLength(months === 5 ? 1 : 0);
    },
  );

  test.each([
    ['of exactly 10 %', '110.00', 0],
    ['a cent above 10 %', '110.01', 1],
  ])('%s, with a last month of %s, gives %s recommendations', async (_, last, times) => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(
      { on: '2026-04-01', amount: '1.00' },
      ...monthly(['100.00', '100.00', '100.00', '110.00', '110.00', last]),
    );
    expect(ofType(await shopper.recommendations(), 'spending_trend')).toHaveLength(times);
  });
});

test('uneven spending is recommended with the figures of a plain query', async () => {
  const shopper = await Shopper.arrives(service);
  await shopper.buys(...monthly(['1.00', '400.00', '100.00', '300.00', '200.00']));
  const [found] = ofType(await shopper.recommendations(), 'spending_volatility');
  const { rows } = await statement<{ volatility: number; excess: string }>`
    with months as (
      select sum(amount_minor) as total from expenses
      where user_id = ${shopper.userId} and spent_at >= '2026-07-01' and spent_at < '2026-11-01'
      group by date_trunc('month', spent_at)
    )
    select round(stddev_samp(total) / avg(total), 4)::float as volatility,
      round((select avg(greatest(0, m.total - a.mean)) from months m, (select avg(total) as mean from months) a) / 100, 2)::text
        as excess
    from months`.execute(service.sql);
  expect(found).toMatchObject({
    title: 'food: from $100.00 to $400.00 a month',
    estimatedMonthlySavings: rows[0]?.excess,
    savingsPct: 20,
    evidence: { volatility: rows[0]?.volatility, months: (await plainMonths(shopper.userId)).slice(1) },
  });
});

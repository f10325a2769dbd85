/** Recommendations from expenses posted through the public API, compared with plain queries over them. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monthly, type Purchase, rising, Shopper } from '../../support/worlds/shopper.ts';
import { noteTold, readUntold } from '../../../src/insight/recommendations/tell-recommendation.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

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

/** z and the standard deviation of the rise, from the months of the last half year. */
async function plainRise(userId: string): Promise<{ z: number; saving: string }> {
  const { rows } = await statement<{ z: number; saving: string }>`
    with bought as (
      select amount_minor as minor, spent_at >= '2026-08-01' as is_recent from expenses
      where user_id = ${userId} and spent_at >= '2026-05-01' and spent_at < '2026-11-01'
    ), sums as (
      select sum(minor) filter (where is_recent) / 3 as recent,
        sum(minor) filter (where not is_recent and minor > 0) / 3 as earlier,
        sqrt(sum(minor ^ 2) filter (where minor > 0)) / 3 as deviation
      from bought
    )
    select round(((recent - earlier) / deviation)::numeric, 2)::float as z,
      round(round(0.45 * (recent - earlier)) / 100, 2)::text as saving
    from sums`.execute(service.sql);
  return rows[0] ?? { z: Number.NaN, saving: '' };
}

describe('a spending trend', () => {
  test('is recommended with the figures of a plain query', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(
      { on: '2026-04-30', amount: '1.00' },
      ...rising(),
      { on: '2026-06-20', amount: '-15.00' },
      { on: '2026-10-31', amount: '-30.00' },
      { on: '2026-11-01', amount: '5000.00' },
    );
    const [found, ...others] = await shopper.recommendations();
    expect(others).toEqual([]);
    const months = await plainMonths(shopper.userId);
    const { z, saving } = await plainRise(shopper.userId);
    expect(found).toMatchObject({
      type: 'spending_trend',
      title: 'food: $430.00 a month, $200.00 before',
      estimatedMonthlySavings: saving,
      status: 'suggested',
      evidence: {
        // The refund makes no smaller base.
        earlier: months.slice(1, 4).map((each) => ({ ...each, total: '200.00' })),
        recent: months.slice(4, 7),
        earlierAverage: '200.00',
        recentAverage: '430.00',
        trendPct: 115,
        z,
      },
    });
    expect(months[2]?.total).toBe('185.00');
    const lifetime = Temporal.Instant.from(found.expiresAt).since(found.createdAt).total('hours');
    expect(lifetime).toBe(24 * 45);
  });

  const bill: Purchase[] = monthly(['50.00', '50.00', '50.00', '150.00', '150.00', '150.00'], {
    merchant: 'Power',
  });
  const subscriptions = Array.from({ length: 7 }, (_, at) =>
    monthly(['1', '1', '1'], { merchant: `Service ${at}`, amount: '40.00' }),
  ).flat();

  test.each<[string, Purchase[]]>([
    [
      'a rise by single large purchases',
      monthly(['100.00', '100.00', '100.00', '150.00', '150.00', '150.00']),
    ],
    ['uneven months', monthly(['1.00', '400.00', '100.00', '300.00', '200.00'])],
    ['several merchants', rising({ counts: [10, 10, 10, 10, 10, 10] })],
    ['fewer than three months before', rising({ counts: [10, 10, 22, 22, 22] })],
    ['a rise below 20.00 a month', rising({ each: '1.60' })],
    ['a bill that has grown dearer', bill],
    [
      'new subscriptions',
      [...monthly(['1', '1', '1', '1', '1', '1'], { amount: '90.00' }), ...subscriptions],
    ],
  ])('is not recommended for %s', async (_, purchases) => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...purchases);
    expect(await shopper.categories()).not.toEqual([]);
    expect(await shopper.recommendations()).toEqual([]);
  });

  test('is not recommended in a season that was the same a year before', async () => {
    const winter = [22, 22, 22, 10, 10, 10, 10, 10, 10, 10, 10, 10, 22, 22, 22];
    const [shopper, other] = [await Shopper.arrives(service), await Shopper.arrives(service)];
    await shopper.buys(...rising({ counts: winter }));
    await other.buys(...rising({ counts: winter.map((count, at) => (at < 3 ? 10 : count)) }));
    expect(await shopper.recommendations()).toEqual([]);
    expect(await other.recommendations()).toHaveLength(1);
  });

  test('leaves recurring charges out of its months', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(
      ...rising(),
      ...monthly(['1', '1', '1', '1', '1', '1'], { merchant: 'Power', amount: '70.00' }),
    );
    expect(await shopper.recommendations()).toMatchObject([{ evidence: { recentAverage: '440.00' } }]);
    expect(await shopper.categories()).toMatchObject([{ monthlyAverage: '390.00' }]);
  });

  test('counts foreign purchases at the rate of their day, and leaves out those without a rate', async () => {
    const tenant = await service.anotherTenant();
    for (const month of ['05', '06', '07', '08', '09', '10'])
      for (const day of ['01', '08', '15', '22'])
        await service.put(
          '/api/fx-rates',
          { date: `2026-${month}-${day}`, base: 'EUR', rates: { USD: '1.25' } },
          tenant.adminKey,
        );
    const shopper = await Shopper.arrives(service, tenant);
    await shopper.buys(...rising({ each: '16.00' }).map((each) => ({ ...each, currency: 'EUR' })), {
      on: '2026-10-20',
      amount: '999.00',
      currency: 'GBP',
    });
    expect(await shopper.recommendations()).toMatchObject([
      { currency: 'USD', estimatedMonthlySavings: '108.00', evidence: { recentAverage: '440.00', z: 3.67 } },
    ]);
  });

  test('is recommended in a currency without decimals', async () => {
    const tenant = await service.anotherTenant({ currency: 'JPY' });
    const shopper = await Shopper.arrives(service, tenant);
    await shopper.buys(...rising({ each: '20' }).map((each) => ({ ...each, currency: 'JPY' })));
    expect(await shopper.recommendations()).toMatchObject([
      { estimatedMonthlySavings: '108', currency: 'JPY' },
    ]);
  });

  test.each([
    ['the middle of a month', '2026-06-02', 4],
    ['the first day of a month', '2026-06-01', 5],
  ])(
    'figures count complete months alone for a person whose spending began in %s',
    async (_, began, months) => {
      const shopper = await Shopper.arrives(service);
      await shopper.buys(
        { on: began, amount: '100.00' },
        ...monthly(['100.00', '150.00', '150.00', '150.00']),
      );
      const [{ months: counted, trendPct }] = await shopper.categories();
      expect([counted, trendPct]).toEqual(months === 5 ? [5, 50] : [4, null]);
    },
  );
});

describe('the digest', () => {
  test('is given the recommendation worth most, and another a week later', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...rising(), ...rising({ category: 'fun', each: '30.00' }));
    const { tenantId } = service.tenant;
    const person = { tenantId, userId: shopper.userId };
    const now = service.clock.now();
    const told = (at: Temporal.Instant) =>
      service.services.db.transaction([tenantId], async (sql) => {
        const [found] = await readUntold(sql, [person], at);
        if (found) await noteTold(sql, [{ tenantId, recommendationId: found.recommendationId }], at);
        return found?.category ?? null;
      });
    expect(await told(now)).toBe('fun');
    expect(await told(now.add({ hours: 24 * 7 - 1 }))).toBeNull();
    expect(await told(now.add({ hours: 24 * 7 }))).toBe('food');
    expect(await told(now.add({ hours: 24 * 20 }))).toBeNull();
  });
});

/** The life of a recommendation: dismissed, expired, or accepted and measured. */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { profilesRebuilt, rising, Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const job = (name: string) => runJobNow(service.services, name, service.clock.now());
const today = (): Temporal.PlainDate => service.clock.now().toZonedDateTimeISO('UTC').toPlainDate();
const daysAgo = (days: number): string => today().subtract({ days }).toString();
const nextMonths = (count: number): string[] =>
  Array.from({ length: count }, (_, place) =>
    today()
      .with({ day: 1 })
      .add({ months: place + 1 })
      .toPlainYearMonth()
      .toString(),
  );

const lastMonth = (day: number): string =>
  today()
    .with({ day: 1 })
    .subtract({ months: 1 })
    .add({ days: day - 1 })
    .toString();

/** A rise of 240.00 a month until last month, of which 108.00 may be saved. The category is one of its own. */
const rise = () => rising({ category: 'food', before: today().toPlainYearMonth().toString() });

async function suggested(): Promise<{ shopper: Shopper; id: string }> {
  const shopper = await Shopper.arrives(service);
  await shopper.buys(...rise());
  const [found] = await shopper.recommendations();
  expect(found).toMatchObject({ type: 'spending_trend', estimatedMonthlySavings: '108.00' });
  return { shopper, id: found.id };
}

const savings = (all: { estimatedMonthlySavings: string }[]): string[] =>
  all.map((each) => each.estimatedMonthlySavings);

/** Many purchases on a day of last month that together make so much. */
const more = (amount: number) =>
  Array.from({ length: amount / 20 }, () => ({ on: lastMonth(25), amount: '20.00' }));

test('an open recommendation is updated under its id', async () => {
  const { shopper, id } = await suggested();
  await shopper.buys(...more(120));
  const [found, ...others] = await shopper.recommendations();
  expect([found.id, others]).toEqual([id, []]);
  expect(found).toMatchObject({ estimatedMonthlySavings: '126.00', evidence: { recentAverage: '480.00' } });
});

test('a recommendation expires when its reason is gone, and opens again when it returns', async () => {
  const { shopper, id } = await suggested();
  const refund = { on: lastMonth(26), amount: '-300.00', expenseId: randomUUID() };
  await shopper.buys(refund);
  expect(await shopper.recommendations()).toEqual([]);
  expect(await shopper.recommendations('status=expired')).toMatchObject([{ id }]);
  service.clock.advance({ hours: 1 });
  await shopper.takesBack(refund.expenseId);
  const expiresAt = service.clock.now().add({ hours: 24 * 45 });
  expect(await shopper.recommendations()).toMatchObject([{ id, expiresAt: expiresAt.toString() }]);
});

test('a recommendation of the version before is expired once as redefined, and blocks no new one', async () => {
  const { shopper, id } = await suggested();
  await statement`
    update smart_recommendations set status = 'expired', expiry_reason = 'redefined', monthly_saving_minor = 900000
    where id = ${id}`.execute(service.sql);
  await shopper.buys({ on: daysAgo(0), amount: '1.00' });
  const [found, ...others] = await shopper.recommendations();
  expect(others).toEqual([]);
  expect(found.id).not.toBe(id);
  expect(await shopper.recommendations('status=expired')).toMatchObject([{ id, reason: 'redefined' }]);
});

describe('a dismissed recommendation', () => {
  test('stays away until the saving is half as much again', async () => {
    const { shopper, id } = await suggested();
    expect((await shopper.decides(id, 'dismiss', { reason: 'too far' })).status).toBe(200);
    await shopper.buys(...more(340));
    expect(await shopper.recommendations()).toEqual([]);
    await shopper.buys(...more(20));
    expect(savings(await shopper.recommendations())).toEqual(['162.00']);
    expect(await shopper.recommendations('status=dismissed')).toMatchObject([
      { id, dismissReason: 'too far' },
    ]);
  });

  test('rests for six months once its kind was dismissed twice, whatever it saves', async () => {
    const { shopper, id } = await suggested();
    await shopper.decides(id, 'dismiss');
    await shopper.buys(...more(360));
    const [second] = await shopper.recommendations();
    await shopper.decides(second.id, 'dismiss');
    await shopper.buys(...more(2000));
    expect(await shopper.recommendations()).toEqual([]);
    service.clock.advance({ hours: 24 * 184 });
    const before = today().toPlainYearMonth().toString();
    await shopper.buys(...rising({ before, each: '90.00' }));
    expect(await shopper.recommendations()).toHaveLength(1);
  });
});

test('an open recommendation expires after 45 days, and stays away for another 45', async () => {
  const { shopper, id } = await suggested();
  const expired = () => shopper.recommendations('status=expired');
  service.clock.advance({ hours: 24 * 45 - 1 });
  // Those of other tests are older.
  await job('expire-recommendations');
  expect((await job('expire-recommendations')).outcome).toBe('0 recommendations expired');
  expect(await shopper.recommendations()).toMatchObject([{ id }]);
  service.clock.advance({ hours: 1 });
  expect(await shopper.recommendations()).toEqual([]);
  expect(await expired()).toMatchObject([{ id, status: 'expired' }]);
  expect((await shopper.decides(id, 'accept')).status).toBe(409);
  await job('expire-recommendations');
  const { rows } = await statement`select status from smart_recommendations where id = ${id}`.execute(
    service.sql,
  );
  expect(rows).toEqual([{ status: 'expired' }]);
  await shopper.buys({ on: daysAgo(0), amount: '1.00' });
  expect(await shopper.recommendations()).toEqual([]);
  expect(await expired()).toMatchObject([{ id }]);
  service.clock.advance({ hours: 24 * 45 });
  const before = today().toPlainYearMonth().toString();
  await shopper.buys(...rising({ before, counts: [12, 12, 12, 0, 0, 0, 60, 60, 60] }));
  const [back] = await shopper.recommendations();
  expect(back.id).not.toBe(id);
});

describe('an accepted recommendation', () => {
  /** Accepts one, spends in the months that follow, and measures it. */
  async function measured(amounts: readonly string[]) {
    const { shopper, id } = await suggested();
    const accepted = await shopper.decides(id, 'accept');
    // 200.00 a month, and 45 % of the rise.
    expect(accepted.body.data).toMatchObject({ status: 'accepted', baselineMonthlySpending: '308.00' });
    const months = nextMonths(4);
    const last = months.at(-1);
    await shopper.buys(
      { on: daysAgo(0), amount: '999.00', merchant: 'Gamma' },
      ...amounts.map((amount, place) => ({ on: `${months[place]}-0${place + 1}T00:00:00Z`, amount })),
      { on: `${last}-01T00:00:00Z`, amount: '777.00' },
      { on: `${months[1]}-10`, amount: '666.00', category: 'fun' },
    );
    expect(await shopper.recommendations()).toEqual([]);

    // Expenses posted until 72 hours after the last month still count.
    service.clock.moveTo(Temporal.Instant.from(`${last}-03T23:50:00Z`));
    await shopper.buys({ on: `${months[2]}-28`, amount: '12.00' });
    expect((await job('measure-recommendations')).outcome).toBe('0 recommendations measured');
    service.clock.moveTo(Temporal.Instant.from(`${last}-04T00:00:00Z`));
    expect((await job('measure-recommendations')).outcome).toBe('1 recommendations measured');
    expect((await job('measure-recommendations')).outcome).toBe('0 recommendations measured');
    const [found] = await shopper.recommendations('status=accepted');
    return { found, months };
  }

  test('is measured over the three complete months after it', async () => {
    const { found, months } = await measured(['60.00', '38.00', '40.00']);
    // 308.00 less a third of 150.00; two deviations of 65.32 below that, and 4.3 above.
    expect(found).toMatchObject({
      measuredMonthlySavings: '258.00',
      measuredRange: { low: '127.36', high: '538.88' },
      measuredMonths: [
        { month: months[0], total: '60.00', count: 1 },
        { month: months[1], total: '38.00', count: 1 },
        { month: months[2], total: '52.00', count: 2 },
      ],
    });
  });

  test('claims no saving where it may have come by chance', async () => {
    const { found } = await measured(['200.00', '200.00', '188.00']);
    expect(found.measuredRange).toEqual({ low: '-22.64', high: '388.88' });
    expect(found).not.toHaveProperty('measuredMonthlySavings');
  });

  test('says that more was spent where that is sure', async () => {
    const { found } = await measured(['900.00', '900.00', '888.00']);
    expect(found).toMatchObject({ measuredMonthlySavings: '-592.00' });
  });
});

test('profiles are rebuilt when a month is over', async () => {
  const shopper = await Shopper.arrives(service);
  const currentMonth = () => today().toPlainYearMonth().toString();
  await shopper.buys({ on: `${currentMonth()}-01`, amount: '42.00' });
  expect(await shopper.categories()).toMatchObject([{ months: 0 }]);
  const end = today().with({ day: 1 }).add({ months: 1 }).toZonedDateTime('UTC').toInstant();
  service.clock.moveTo(end.subtract({ minutes: 1 }));
  await job('refresh-profiles');
  await profilesRebuilt(service.sql);
  expect(await shopper.categories()).toMatchObject([{ months: 0 }]);
  service.clock.moveTo(end);
  await job('refresh-profiles');
  await profilesRebuilt(service.sql);
  expect(await shopper.categories()).toMatchObject([{ months: 1, monthlyAverage: '42.00' }]);
  expect((await job('refresh-profiles')).outcome).toBe('0 profiles due');
});

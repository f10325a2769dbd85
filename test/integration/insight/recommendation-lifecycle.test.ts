/** The life of a recommendation: dismissed, expired, or accepted and measured. */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { profilesRebuilt, type Purchase, Shopper } from '../../support/worlds/shopper.ts';
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

/** Purchases of 500.00, 300.00 and 200.00 at three merchants, with an estimated saving of 8.10 a month. */
const three = (): Purchase[] => [
  { on: daysAgo(3), amount: '500.00', merchant: 'Alpha' },
  { on: daysAgo(2), amount: '300.00', merchant: 'Beta' },
  { on: daysAgo(1), amount: '200.00', merchant: 'Gamma', expenseId: `gamma-${randomUUID()}` },
];

async function suggested(): Promise<{ shopper: Shopper; id: string }> {
  const shopper = await Shopper.arrives(service);
  await shopper.buys(...three());
  const [found] = await shopper.recommendations();
  expect(found).toMatchObject({ type: 'merchant_consolidation', estimatedMonthlySavings: '8.10' });
  return { shopper, id: found.id };
}

const savings = (all: { estimatedMonthlySavings: string }[]): string[] =>
  all.map((each) => each.estimatedMonthlySavings);

test('an open recommendation is updated under its id', async () => {
  const { shopper, id } = await suggested();
  await shopper.buys({ on: daysAgo(1), amount: '200.00', merchant: 'Gamma' });
  const [found, ...others] = await shopper.recommendations();
  expect([found.id, others]).toEqual([id, []]);
  expect(found.evidence.merchants).toMatchObject([
    { spent: '500.00' },
    { spent: '400.00' },
    { spent: '300.00' },
  ]);
});

test('a recommendation expires when its reason is gone', async () => {
  const shopper = await Shopper.arrives(service);
  const purchases = three();
  await shopper.buys(...purchases);
  const [found] = await shopper.recommendations();
  await shopper.takesBack(purchases[2]?.expenseId ?? '');
  expect(await shopper.recommendations()).toEqual([]);
  expect(await shopper.recommendations('status=expired')).toMatchObject([{ id: found.id }]);
});

describe('a dismissed recommendation', () => {
  test('stays away until the saving is half as much again', async () => {
    const { shopper, id } = await suggested();
    expect((await shopper.decides(id, 'dismiss', { reason: 'too far' })).status).toBe(200);
    await shopper.buys({ on: daysAgo(1), amount: '150.00', merchant: 'Gamma' });
    expect(await shopper.recommendations()).toEqual([]);
    await shopper.buys({ on: daysAgo(1), amount: '150.00', merchant: 'Beta' });
    expect(savings(await shopper.recommendations())).toEqual(['13.28']);
    expect(await shopper.recommendations('status=dismissed')).toMatchObject([
      { id, dismissReason: 'too far' },
    ]);
  });

  test('comes back when it recommends another merchant', async () => {
    const { shopper, id } = await suggested();
    await shopper.decides(id, 'dismiss');
    await shopper.buys({ on: daysAgo(1), amount: '250.00', merchant: 'Beta' });
    expect(await shopper.recommendations()).toMatchObject([{ evidence: { target: 'Beta' } }]);
  });
});

test('recommendations that alternate between two merchants come back until both were dismissed', async () => {
  const shopper = await Shopper.arrives(service);
  const on = daysAgo(1);
  await shopper.buys(
    { on, amount: '500.00', merchant: 'Alpha' },
    { on, amount: '490.00', merchant: 'Beta' },
    { on, amount: '200.00', merchant: 'Gamma' },
  );
  const open = () => shopper.recommendations();
  const leads = (merchant: string) => shopper.buys({ on, amount: '20.00', merchant });
  const [alpha] = await open();
  await shopper.decides(alpha.id, 'dismiss');
  await leads('Beta');
  const [beta] = await open();
  expect(beta.evidence.target).toBe('Beta');
  await leads('Alpha');
  expect(await open()).toEqual([]);
  await leads('Beta');
  expect(await open()).toMatchObject([{ id: beta.id, evidence: { target: 'Beta' } }]);
  await shopper.decides(beta.id, 'dismiss');
  for (const merchant of ['Alpha', 'Beta']) {
    await leads(merchant);
    expect(await open()).toEqual([]);
  }
});

test('a recommendation is compared with the largest saving dismissed for its merchant', async () => {
  const { shopper } = await suggested();
  const dismissed: string[] = [];
  const dismissNext = async () => {
    const [{ id, evidence, estimatedMonthlySavings }] = await shopper.recommendations();
    await shopper.decides(id, 'dismiss');
    dismissed.push(`${evidence.target} ${estimatedMonthlySavings}`);
  };
  const on = daysAgo(1);
  await dismissNext();
  const more = ['Beta', 'Gamma'].map((merchant) => ({ on, amount: '150.00', merchant }));
  await shopper.buys(...more);
  await dismissNext();
  await shopper.buys({ on, amount: '51.00', merchant: 'Beta' });
  await dismissNext();
  expect(dismissed).toEqual(['Alpha 8.10', 'Alpha 13.28', 'Beta 14.10']);
  await shopper.buys({ on, amount: '2.00', merchant: 'Alpha' });
  expect(await shopper.recommendations()).toEqual([]);
});

test('an open recommendation expires after 45 days, and stays away for another 45', async () => {
  const { shopper, id } = await suggested();
  const expired = () => shopper.recommendations('status=expired');
  service.clock.advance({ hours: 24 * 45 - 1 });
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
  await shopper.buys({ on: daysAgo(0), amount: '1.00', merchant: 'Alpha' });
  expect(await shopper.recommendations()).toEqual([]);
  expect(await expired()).toMatchObject([{ id }]);
  service.clock.advance({ hours: 24 * 45 });
  await shopper.buys(...three());
  const [back] = await shopper.recommendations();
  expect(back.id).not.toBe(id);
});

test('a recommendation withdrawn after a correction does not suppress a later one', async () => {
  const shopper = await Shopper.arrives(service);
  const day = (monthsAgo: number) => today().with({ day: 1 }).subtract({ months: monthsAgo }).toString();
  const typed = { on: day(1), amount: '9000.00', expenseId: randomUUID() };
  await shopper.buys(typed, ...[2, 3, 4, 5, 6].map((monthsAgo) => ({ on: day(monthsAgo), amount: '90.00' })));
  const trends = async (query = '') =>
    (await shopper.recommendations(query)).filter(({ type }: { type: string }) => type === 'spending_trend');
  const [mistaken] = await trends();
  expect(mistaken.estimatedMonthlySavings).toBe('2970.00');
  await shopper.buys({ ...typed, amount: '90.00' });
  expect(await trends()).toEqual([]);
  expect(await trends('status=expired')).toMatchObject([{ id: mistaken.id }]);
  service.clock.advance({ hours: 24 });
  await shopper.buys({ on: day(1), amount: '600.00' });
  const [open, ...others] = await trends();
  expect(others).toEqual([]);
  expect(open).toMatchObject({ id: mistaken.id, estimatedMonthlySavings: '200.00', status: 'suggested' });
  const expiresAt = service.clock.now().add({ hours: 24 * 45 });
  expect(open.expiresAt).toBe(expiresAt.toString());
});

describe('an accepted recommendation', () => {
  test('is measured over the three complete months after it', async () => {
    const { shopper, id } = await suggested();
    const accepted = await shopper.decides(id, 'accept');
    // The baseline is the whole sum, because it was spent in less than a month.
    expect(accepted.body.data).toMatchObject({ status: 'accepted', baselineMonthlySpending: '1000.00' });
    const months = nextMonths(4);
    const [first, second, third, after] = months;
    await shopper.buys(
      { on: daysAgo(0), amount: '999.00', merchant: 'Gamma' },
      { on: `${first}-01T00:00:00Z`, amount: '60.00', merchant: 'Gamma' },
      { on: `${second}-10`, amount: '888.00', merchant: 'ALPHA' },
      { on: `${third}-28T23:59:59Z`, amount: '40.00', merchant: 'Beta' },
      { on: `${after}-01T00:00:00Z`, amount: '777.00', merchant: 'Beta' },
      { on: `${second}-10`, amount: '666.00', merchant: 'Beta', category: 'fun' },
    );
    expect(await shopper.recommendations()).toEqual([]);

    // Expenses posted until 72 hours after the last month still count.
    service.clock.moveTo(Temporal.Instant.from(`${after}-03T23:50:00Z`));
    await shopper.buys({ on: `${third}-28`, amount: '12.00' });
    expect((await job('measure-recommendations')).outcome).toBe('0 recommendations measured');
    service.clock.moveTo(Temporal.Instant.from(`${after}-04T00:00:00Z`));
    expect((await job('measure-recommendations')).outcome).toBe('1 recommendations measured');
    // 1000.00 less a third of 60.00 + 888.00 + 52.00, because spending moved to Alpha counts too.
    expect(await shopper.recommendations('status=accepted')).toMatchObject([
      {
        id,
        measuredMonthlySavings: '666.67',
        measuredMonths: [
          { month: first, total: '60.00', count: 1 },
          { month: second, total: '888.00', count: 1 },
          { month: third, total: '52.00', count: 2 },
        ],
      },
    ]);
    expect((await job('measure-recommendations')).outcome).toBe('0 recommendations measured');
  });

  test('for a category is measured against the three months before, also as a loss', async () => {
    const shopper = await Shopper.arrives(service);
    const month = today().toPlainYearMonth();
    const amounts = ['100.00', '100.00', '100.00', '200.00', '200.00', '201.00'];
    await shopper.buys(
      ...amounts.map((amount, place) => ({
        on: month
          .subtract({ months: 6 - place })
          .toPlainDate({ day: 1 })
          .toString(),
        amount,
      })),
    );
    const [trend] = (await shopper.recommendations()).filter(
      ({ type }: { type: string }) => type === 'spending_trend',
    );
    const accepted = await shopper.decides(trend.id, 'accept');
    expect(accepted.body.data.baselineMonthlySpending).toBe('200.33');
    await shopper.buys(
      ...nextMonths(3).map((each) => ({ on: `${each}-05`, amount: '300.50', merchant: 'Any' })),
    );
    service.clock.moveTo(Temporal.Instant.from(`${nextMonths(4).at(-1)}-04T00:00:00Z`));
    await job('measure-recommendations');
    expect(await shopper.recommendations('status=accepted')).toMatchObject([
      { id: trend.id, measuredMonthlySavings: '-100.17' },
    ]);
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

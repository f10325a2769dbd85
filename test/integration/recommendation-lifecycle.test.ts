/** What becomes of recommendations: declined, let pass, accepted and measured; and of rebuilds that fail. */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../jobs/index.ts';
import { rebuildProfile } from '../../src/db/queries/rebuild-profile.ts';
import { profilesSettled, type Purchase, Shopper } from '../support/shopper.ts';
import { startService, type TestService } from '../support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const job = (name: string) => runJobNow(service.services, name, service.clock.now());
const today = (at = service): Temporal.PlainDate => at.clock.now().toZonedDateTimeISO('UTC').toPlainDate();
const daysAgo = (days: number, at = service): string => today(at).subtract({ days }).toString();
const nextMonths = (count: number): string[] =>
  Array.from({ length: count }, (_, place) =>
    today()
      .with({ day: 1 })
      .add({ months: place + 1 })
      .toPlainYearMonth()
      .toString(),
  );

/** 500.00, 300.00 and 200.00 at three merchants, of which 8.10 a month might be saved. */
const three = (at = service): Purchase[] => [
  { on: daysAgo(3, at), amount: '500.00', merchant: 'Alpha' },
  { on: daysAgo(2, at), amount: '300.00', merchant: 'Beta' },
  { on: daysAgo(1, at), amount: '200.00', merchant: 'Gamma', expenseId: `gamma-${randomUUID()}` },
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

test('an open one is kept up to date under its id', async () => {
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

test('one whose picture is gone is withdrawn', async () => {
  const shopper = await Shopper.arrives(service);
  const purchases = three();
  await shopper.buys(...purchases);
  const [found] = await shopper.recommendations();
  await shopper.takesBack(purchases[2]?.expenseId ?? '');
  expect(await shopper.recommendations()).toEqual([]);
  expect(await shopper.recommendations('status=expired')).toMatchObject([{ id: found.id }]);
});

describe('one that was dismissed', () => {
  test('stays away while little changes, and comes back when it would save half as much again', async () => {
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

  test('comes back with another merchant to stay with', async () => {
    const { shopper, id } = await suggested();
    await shopper.decides(id, 'dismiss');
    await shopper.buys({ on: daysAgo(1), amount: '250.00', merchant: 'Beta' });
    expect(await shopper.recommendations()).toMatchObject([{ evidence: { target: 'Beta' } }]);
  });
});

test('one that nobody takes up expires after 30 days, and stays away', async () => {
  const { shopper, id } = await suggested();
  const expired = () => shopper.recommendations('status=expired');
  service.clock.advance({ hours: 24 * 30 - 1 });
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
});

describe('an accepted one', () => {
  test('is measured by the three whole months after it', async () => {
    const { shopper, id } = await suggested();
    const accepted = await shopper.decides(id, 'accept');
    // 300.00 + 200.00 elsewhere, of three months.
    expect(accepted.body.data).toMatchObject({ status: 'accepted', baselineMonthlySpending: '166.67' });
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

    service.clock.moveTo(Temporal.Instant.from(`${after}-01T00:00:00Z`).subtract({ seconds: 1 }));
    expect((await job('measure-recommendations')).outcome).toBe('0 recommendations measured');
    service.clock.advance({ seconds: 1 });
    expect((await job('measure-recommendations')).outcome).toBe('1 recommendations measured');
    // 166.67 less a third of 60.00 + 0 + 40.00.
    expect(await shopper.recommendations('status=accepted')).toMatchObject([
      {
        id,
        measuredMonthlySavings: '133.33',
        measuredMonths: [
          { month: first, total: '60.00', count: 1 },
          { month: second, total: '0.00', count: 0 },
          { month: third, total: '40.00', count: 1 },
        ],
      },
    ]);
    expect((await job('measure-recommendations')).outcome).toBe('0 recommendations measured');
  });

  test('of a category is measured by all of it, against the months before, and may have cost more', async () => {
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
    service.clock.moveTo(Temporal.Instant.from(`${nextMonths(4).at(-1)}-01T00:00:00Z`));
    await job('measure-recommendations');
    expect(await shopper.recommendations('status=accepted')).toMatchObject([
      { id: trend.id, measuredMonthlySavings: '-100.17' },
    ]);
  });
});

test('when a month is over, profiles are rebuilt', async () => {
  const shopper = await Shopper.arrives(service);
  const monthOf = () => today().toPlainYearMonth().toString();
  await shopper.buys({ on: `${monthOf()}-01`, amount: '42.00' });
  expect(await shopper.categories()).toMatchObject([{ months: 0 }]);
  const end = today().with({ day: 1 }).add({ months: 1 }).toZonedDateTime('UTC').toInstant();
  service.clock.moveTo(end.subtract({ minutes: 1 }));
  await job('refresh-profiles');
  await profilesSettled(service.sql);
  expect(await shopper.categories()).toMatchObject([{ months: 0 }]);
  service.clock.moveTo(end);
  await job('refresh-profiles');
  await profilesSettled(service.sql);
  expect(await shopper.categories()).toMatchObject([{ months: 1, monthlyAverage: '42.00' }]);
  expect((await job('refresh-profiles')).outcome).toBe('0 profiles due');
});

describe('a rebuild', () => {
  test('waits until the last one is five seconds old', async () => {
    const quiet = await startService({ env: { WORKERS: 'evaluate-alerts' } });
    try {
      const shopper = await Shopper.arrives(quiet);
      const { db } = quiet.services;
      const stale = async () => {
        const [row] = await quiet.sql.selectFrom('stale_profiles').select('id').execute();
        return { tenantId: quiet.tenant.tenantId, profileId: row?.id ?? '' };
      };
      await shopper.posts(...three(quiet));
      const first = await stale();
      const at = quiet.clock.now();
      expect(await rebuildProfile(db, first, at)).toMatchObject({ kind: 'rebuilt', profiles: 1 });
      expect(await rebuildProfile(db, first, at)).toEqual({ kind: 'gone' });
      await shopper.posts({ on: '2026-11-09', amount: '1.00' });
      const second = await stale();
      expect(second.profileId).not.toBe(first.profileId);
      const soon = at.add({ milliseconds: 4_999 });
      expect(await rebuildProfile(db, second, soon)).toEqual({ kind: 'soon', at: at.add({ seconds: 5 }) });
      expect(await stale()).toEqual(second);
      expect(await rebuildProfile(db, second, at.add({ seconds: 5 }))).toMatchObject({ kind: 'rebuilt' });
    } finally {
      await quiet.stop();
    }
  });

  test('that fails in the middle leaves everything as it was, and is made up for', async () => {
    const quiet = await startService({ env: { WORKERS: 'evaluate-alerts' } });
    try {
      const shopper = await Shopper.arrives(quiet);
      await shopper.posts(...three(quiet));
      const [row] = await quiet.sql.selectFrom('stale_profiles').select('id').execute();
      const ref = { tenantId: quiet.tenant.tenantId, profileId: row?.id ?? '' };
      await statement`alter table smart_recommendations add constraint broken check (false)`.execute(
        quiet.sql,
      );
      await expect(rebuildProfile(quiet.services.db, ref, quiet.clock.now())).rejects.toThrow('broken');
      expect(await quiet.sql.selectFrom('stale_profiles').select('id').execute()).toEqual([row]);
      expect(await shopper.categories()).toEqual([]);
      await statement`alter table smart_recommendations drop constraint broken`.execute(quiet.sql);
      await rebuildProfile(quiet.services.db, ref, quiet.clock.now());
      expect(savings(await shopper.recommendations())).toEqual(['8.10']);
    } finally {
      await quiet.stop();
    }
  });
});

/** Recurring charges as rows: how they follow the expenses and the days, and how long they stay. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { rebuildProfile } from '../../../src/insight/profiles/rebuild-profile.ts';
import { monthly, profilesRebuilt, Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.stop());

const list = async ({ token }: Shopper) =>
  (await service.get('/api/smart-alerts/recurring', token)).body.data;

const gym = (on: string, expenseId = on) => ({ on, amount: '30.00', merchant: 'Gym', expenseId });
const months = ['2026-08-15', '2026-09-15', '2026-10-15'];

/** Moves the clock and does what is due by then. */
async function wait(until: string): Promise<void> {
  service.clock.moveTo(Temporal.Instant.from(until));
  await runJobNow(service.services, 'refresh-profiles', service.clock.now());
  await service.settled();
  await profilesRebuilt(service.sql);
}

describe('a recurring charge that does not come', () => {
  test('is late and has ended when its days are over, though nothing else is spent', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...months.map((on) => gym(on)));
    await wait('2026-11-20T23:00:00Z');
    expect(await list(shopper)).toMatchObject([{ status: 'active', nextDate: '2026-11-15' }]);
    await wait('2026-11-21T00:30:00Z');
    const late = { status: 'late', nextDate: '2026-12-15', missedDate: '2026-11-15' };
    expect(await list(shopper)).toMatchObject([late]);
    await wait('2026-12-21T00:30:00Z');
    expect(await list(shopper)).toMatchObject([{ status: 'ended', nextDate: null }]);
  });
});

describe('a stream', () => {
  test('goes when its expenses go, unless the person decided on it', async () => {
    const [shopper, decided] = [await Shopper.arrives(service), await Shopper.arrives(service)];
    await shopper.buys(...months.map((on) => gym(on, `one ${on}`)));
    await decided.buys(...months.map((on) => gym(on, `other ${on}`)));
    const [{ id }] = await list(decided);
    await service.put(`/api/smart-alerts/recurring/${id}`, { status: 'ignored' }, decided.token);
    await shopper.takesBack('one 2026-09-15');
    await decided.takesBack('other 2026-09-15');
    expect(await list(shopper)).toEqual([]);
    expect(await list(decided)).toMatchObject([{ id, status: 'ignored', nextDate: null }]);
    await decided.buys(gym('2026-09-15', 'again'));
    expect(await list(decided)).toMatchObject([{ id, status: 'ignored', nextDate: '2026-11-15' }]);
  });

  test('keeps its id when its merchant gets an id, and gets another with another cadence', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...months.map((on) => gym(on)));
    const [{ id }] = await list(shopper);
    await shopper.buys({ ...gym('2026-11-10'), merchantId: 'm1' });
    expect(await list(shopper)).toMatchObject([{ id, occurrences: 4 }]);
    for (const each of [...months, '2026-11-10']) await shopper.takesBack(each);
    const weeks = ['2026-10-19', '2026-10-26', '2026-11-02', '2026-11-09'];
    await shopper.buys(...weeks.map((on) => gym(on, `weekly ${on}`)));
    const found = await list(shopper);
    expect(found).toMatchObject([{ cadence: 'weekly', status: 'active' }]);
    expect(found[0].id).not.toBe(id);
  });

  test('is not written again if nothing of it has changed', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...months.map((on) => gym(on)));
    const read = () => service.sql.selectFrom('recurring_charges').selectAll().execute();
    const before = await read();
    await shopper.buys({ on: '2026-11-09', amount: '5.00', merchant: 'Bakery' });
    expect(before).toHaveLength(1);
    expect(await read()).toEqual(before);
    await shopper.buys(gym('2026-11-10'));
    expect(await read()).not.toEqual(before);
  });

  test('is deleted by retention when its last charge is more than 25 months old', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...months.map((on) => gym(on)));
    const [{ id }] = await list(shopper);
    await service.put(`/api/smart-alerts/recurring/${id}`, { status: 'confirmed' }, shopper.token);
    service.clock.moveTo(Temporal.Instant.from('2028-11-15T12:00:00Z'));
    await runJobNow(service.services, 'retention', service.clock.now());
    expect(await list(shopper)).toHaveLength(1);
    service.clock.moveTo(Temporal.Instant.from('2028-11-16T12:00:00Z'));
    await runJobNow(service.services, 'retention', service.clock.now());
    expect(await list(shopper)).toEqual([]);
  });
});

describe('a rebuild', () => {
  let idle: TestService;
  afterAll(() => idle?.stop());

  test('finds the streams of everybody whom it takes along', async () => {
    idle = await startService({ env: { WORKERS: 'evaluate-alerts' } });
    const people = await Promise.all([1, 2, 3].map(() => Shopper.arrives(idle)));
    for (const [index, person] of people.entries())
      await person.posts(...monthly(['9.99', '9.99', '9.99'], { merchant: `Shop ${'ABC'[index]}` }));
    const [row] = await idle.sql.selectFrom('stale_profiles').select('id').execute();
    const ref = { tenantId: idle.tenant.tenantId, profileId: row?.id ?? '' };
    expect(await rebuildProfile(idle.services.db, ref, idle.clock.now())).toMatchObject({ profiles: 3 });
    const rows = await idle.sql.selectFrom('recurring_charges').select(['user_id', 'merchant']).execute();
    expect(new Map(rows.map(({ user_id, merchant }) => [user_id, merchant]))).toEqual(
      new Map(people.map(({ userId }, index) => [userId, `Shop ${'ABC'[index]}`])),
    );
  });
});

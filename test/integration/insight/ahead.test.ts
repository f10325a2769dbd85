/** A digest names what lies ahead: bills of the next days, budgets that will not do, and what to put aside. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evenSpending } from '../../support/worlds/alerts/even-spender.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';
import { profilesRebuilt, type Purchase, rising, Shopper } from '../../support/worlds/shopper.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-22T12:00:00Z', { queuePrefix: 'ahead' });
});
afterAll(() => world.end());

/** Even spending until the 22nd, and a quarterly bill of 150.00 for water. */
async function spender(others: Purchase[] = []): Promise<{ person: Person; shopper: Shopper }> {
  const person = await world.person();
  const shopper = await Shopper.of(world.service, person.userId);
  const water = ['2026-02-10', '2026-05-10', '2026-08-10', '2026-11-10'].map((on) => ({
    on,
    amount: '150.00',
    merchant: 'City Water',
    category: 'home',
  }));
  await shopper.buys(...evenSpending('2026-11-22'), ...water, ...others);
  return { person, shopper };
}

const digest = async (person: Person) =>
  (await person.notifications()).find(({ type }) => type.endsWith('_summary'));

test('a digest tells a new recommendation, and the next one does not', async () => {
  const person = await world.person();
  const shopper = await Shopper.of(world.service, person.userId);
  await shopper.buys(...rising(), { on: '2026-11-22', amount: '5.00' });
  await person.prefers({ digest: { daily: true, weekly: false, at: '08:30' } });
  const [{ id, title }] = await shopper.recommendations();
  await world.comes('2026-11-23T08:30:00Z');
  const first = (await digest(person))?.message ?? '';
  expect(first).toContain(`New advice: ${title}.`);
  await shopper.buys({ on: '2026-11-23T08:00:00Z', amount: '5.00' });
  await world.comes('2026-11-24T08:30:00Z');
  const second = (await person.notifications()).filter(({ type }) => type === 'daily_summary');
  expect(second).toHaveLength(2);
  expect(second.filter(({ message }) => message.includes('New advice'))).toHaveLength(1);
  expect((await shopper.recommendations()).map((each: { id: string }) => each.id)).toEqual([id]);
});

test('the digest of a day names the rent that is due and the budget that will not do', async () => {
  const { person } = await spender([{ on: '2026-11-24T08:00:00Z', amount: '5.00', category: 'fun' }]);
  await person.prefers({ digest: { daily: true, weekly: false, at: '08:30' } });
  world.service.clock.advance({ seconds: 6 });
  await person.budget('195.00', {
    name: 'Food',
    categoryId: 'food',
    thresholds: [{ percent: 100, severity: 'danger' }],
  });
  await person.budget('900.00', { name: 'Rent', categoryId: 'rent' });
  await profilesRebuilt(world.service.sql);
  await world.comes('2026-11-25T08:30:00Z');
  const message = (await digest(person))?.message ?? '';
  expect(message).toMatch(/Due in the next seven days: .*Hill Homes.* \(\$600\.00, Sat, Nov 28\)\./);
  expect(message).toMatch(/.*Food.* will probably end at \$200 to \$220, and its budget is \$195\.00\./);
  expect(message).not.toMatch(/Rent[^.]* will probably/);
  expect(message).not.toMatch(/put it aside/);
  const [mail] = world.mailsTo(person);
  expect(await readFile(mail?.file ?? '', 'utf8')).toMatch(/Due in the next seven days/);
});

test('the digest of a week says what to put aside for bills, and a charge that the person ignores is no bill', async () => {
  await world.comes('2026-11-29T12:00:00Z');
  const { person, shopper } = await spender([{ on: '2026-11-29', amount: '5.00' }]);
  await person.prefers({ digest: { daily: false, weekly: true, at: '08:30' } });
  const listed = (await world.service.get('/api/smart-alerts/recurring', shopper.token)).body.data;
  const rent = listed.find(({ merchant }: { merchant: string }) => merchant === 'Hill Homes');
  await world.service.put(`/api/smart-alerts/recurring/${rent.id}`, { status: 'ignored' }, shopper.token);
  await world.comes('2026-11-30T08:30:00Z');
  const message = (await digest(person))?.message ?? '';
  expect(message).toMatch(/Your quarterly and yearly bills come to about \$50 a month: put it aside\./);
  expect(message).not.toMatch(/Hill Homes/);
});

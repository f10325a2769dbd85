/** What does not wait for other alerts: critical ones, recoveries, and what the policy keeps back anyway. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inGroupWorld, rule } from '../../support/worlds/alerts/group-world.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z', {
    queuePrefix: 'group-exceptions',
    env: { GROUP_WAIT_SECONDS: '30' },
  });
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

const { budget, wholeBudget, pass, after, alerts, statuses, rollUps, subjects, quota } = inGroupWorld(
  () => world,
);

describe('a critical alert', () => {
  test('goes at once, and takes along what the same expense opened', async () => {
    const person = await world.person();
    await budget(person, 'food', rule('critical'));
    await wholeBudget(person, rule('info'));
    await person.spend('120.00', { category: 'food' });
    const [rollUp] = await rollUps(person);
    expect(rollUp).toMatchObject({ severity: 'critical', status: 'sent' });
    const merged = { status: 'merged', mergedInto: rollUp?.id };
    expect(await alerts(person)).toMatchObject([merged, merged]);
    for (const { deliveries } of await alerts(person))
      expect(deliveries).toMatchObject([{ channel: 'in-app', status: 'sent' }]);
    expect([subjects(person).length, await quota(person)]).toEqual([1, [1]]);
  });

  test('leaves what waits already waiting', async () => {
    const person = await world.person();
    await budget(person, 'books');
    await budget(person, 'food', rule('critical'));
    const until = after(30);
    await person.spend('120.00', { category: 'books' });
    await pass(10);
    await person.spend('120.00', { category: 'food' });
    expect(await alerts(person)).toMatchObject([{ status: 'pending', until }, { status: 'sent' }]);
    expect(subjects(person)).toEqual(['food: 120% of the monthly budget']);
    await pass(20);
    expect([subjects(person).length, await quota(person)]).toEqual([2, [2]]);
  });

  test('leaves behind what quiet hours defer', async () => {
    await world.comes('21:00');
    const person = await world.person();
    await budget(person, 'food', rule('critical'));
    await wholeBudget(person);
    await person.spend('120.00', { category: 'food' });
    expect((await statuses(person)).toSorted()).toEqual(['deferred', 'sent']);
    expect(subjects(person)).toEqual(['food: 120% of the monthly budget']);
  });

  test('leaves behind what the quota caps', async () => {
    const person = await world.person();
    await person.prefers({ maxNotificationsPerDay: 1 });
    for (const name of ['books', 'food']) await budget(person, name, rule('critical'));
    await wholeBudget(person);
    await person.spend('120.00', { category: 'books' });
    expect(subjects(person)).toEqual(['2 budgets need a look']);
    await budget(person, 'food', rule('info', { name: 'Other' }));
    await person.spend('120.00', { category: 'food' });
    expect((await statuses(person)).toSorted()).toEqual(['capped', 'merged', 'merged', 'sent']);
    expect([subjects(person).length, await quota(person)]).toEqual([2, [2]]);
  });

  test('waits like any other where the person has switched its exception off', async () => {
    const person = await world.person();
    await person.prefers({ criticalInterrupts: false });
    await budget(person, 'food', rule('critical'));
    await person.spend('120.00', { category: 'food' });
    expect(await statuses(person)).toEqual(['pending']);
    await pass(30);
    expect(await statuses(person)).toEqual(['sent']);
  });
});

describe('what is not grouped:', () => {
  test('a muted budget stays in the app, and a snoozed one waits for its snooze', async () => {
    const person = await world.person();
    await budget(person, 'food');
    await wholeBudget(person, rule('danger', { notificationsEnabled: false }));
    const snoozed = await budget(person, 'games');
    await person.change(snoozed, { snoozeUntil: after(7200) });
    await person.spends('120.00', { category: 'food' });
    await person.spend('120.00', { category: 'games' });
    const of = (status: string) => async () =>
      (await alerts(person)).filter((alert) => alert.status === status).length;
    expect([await of('pending')(), await of('sent')(), await of('deferred')()]).toEqual([1, 1, 1]);
    await pass(30);
    expect(subjects(person)).toEqual(['food: 120% of the monthly budget']);
  });

  test('a recovery goes at once', async () => {
    const person = await world.person();
    await budget(person, 'food', rule('danger', { notifyOnRecovery: true }));
    await budget(person, 'books');
    await person.spend('120.00');
    await pass(30);
    await person.spend('120.00', { category: 'books' });
    await person.spend('-60.00');
    expect((await person.notifications()).map(({ type, status }) => `${type} ${status}`)).toEqual([
      'budget_alert sent',
      'budget_alert pending',
      'recovery sent',
    ]);
    expect(subjects(person)).toHaveLength(2);
  });

  test('the list of pending notifications shows those that wait, and that of deferred ones does not', async () => {
    const person = await world.person();
    await budget(person, 'food');
    await person.spend('120.00');
    const token = await world.service.token(person.userId);
    const list = async (status: string) =>
      (await world.service.get(`/api/smart-alerts/notifications?status=${status}`, token)).body.data.length;
    expect([await list('pending'), await list('deferred')]).toEqual([1, 0]);
  });
});

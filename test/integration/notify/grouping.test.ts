/** Alerts of one evaluation, or of one group wait, are one message and one interruption; in the app each is by itself. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inGroupWorld, level, rule } from '../../support/worlds/alerts/group-world.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z', {
    queuePrefix: 'grouping',
    env: { GROUP_WAIT_SECONDS: '30' },
  });
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

const { budget, wholeBudget, pass, after, alerts, statuses, rollUps, subjects, quota } = inGroupWorld(
  () => world,
);

describe('one expense that fills two budgets', () => {
  test('is one mail, one interruption and two notifications in the app', async () => {
    const person = await world.person();
    await budget(person, 'food');
    await wholeBudget(person, rule('warning'));
    const until = after(30);
    await person.spend('120.00', { category: 'food' });

    const inApp = [{ channel: 'in-app', status: 'sent', attempts: 1, sentAt: expect.any(String) }];
    const waiting = { status: 'pending', until, silent: false, deliveries: inApp };
    expect(await person.notifications()).toMatchObject([waiting, waiting]);
    await pass(29);
    expect([await statuses(person), subjects(person)]).toEqual([['pending', 'pending'], []]);
    await pass(1);

    const [rollUp, ...others] = await rollUps(person);
    expect(others).toEqual([]);
    const merged = { status: 'merged', reason: 'grouped', mergedInto: rollUp?.id, deliveries: inApp };
    expect(await alerts(person)).toMatchObject([merged, merged]);
    expect(rollUp).toMatchObject({ severity: 'danger', status: 'sent' });
    expect(rollUp?.deliveries).toMatchObject([{ channel: 'email', status: 'sent' }]);
    expect(subjects(person)).toEqual(['2 budgets need a look']);
    expect(await quota(person)).toEqual([1]);
    await pass(3600);
    expect(subjects(person)).toHaveLength(1);
  });

  test('lists the most severe first in its mail', async () => {
    const person = await world.person();
    await wholeBudget(person, rule('warning'));
    await budget(person, 'food', rule('danger'));
    await person.spend('120.00', { category: 'food' });
    await pass(30);
    const text = await readFile(world.mailsTo(person)[0]?.file ?? '', 'utf8');
    expect(text).toMatch(/food.*All/s);
  });
});

describe('alerts of different expenses', () => {
  test('within the wait of the first are one message at its end', async () => {
    const person = await world.person();
    await budget(person, 'food');
    await budget(person, 'books');
    const until = after(30);
    await person.spend('120.00', { category: 'food' });
    await pass(29);
    await person.spend('130.00', { category: 'books' });
    expect((await alerts(person)).map((alert) => alert.until)).toEqual([until, until]);
    await pass(1);
    expect(await statuses(person)).toEqual(['merged', 'merged']);
    expect([subjects(person), await quota(person)]).toEqual([['2 budgets need a look'], [1]]);
  });

  test('that open at the end of a wait begin another one', async () => {
    const person = await world.person();
    await budget(person, 'food');
    await budget(person, 'books');
    await person.spend('120.00', { category: 'food' });
    await pass(30);
    await person.spend('130.00', { category: 'books' });
    expect(await alerts(person)).toMatchObject([{ status: 'sent' }, { status: 'pending', until: after(30) }]);
    await pass(30);
    expect(await statuses(person)).toEqual(['sent', 'sent']);
    expect(subjects(person)).toEqual([
      'food: 120% of the monthly budget',
      'books: 130% of the monthly budget',
    ]);
    expect(await quota(person)).toEqual([2]);
  });

  test('of two people are two messages', async () => {
    const [one, other] = [await world.person(), await world.person()];
    for (const person of [one, other]) await budget(person, 'food');
    for (const person of [one, other]) await person.spends('120.00');
    await world.service.settled();
    await pass(30);
    for (const person of [one, other]) expect(subjects(person)).toEqual(['food: 120% of the monthly budget']);
  });
});

describe('at the end of the wait', () => {
  test('a level that was overtaken, read, undone or switched off is left out', async () => {
    const person = await world.person();
    const levels = [level('info', 50), level('danger')];
    await budget(person, 'food', rule('danger', { thresholds: levels }));
    await budget(person, 'books');
    await budget(person, 'travel');
    const off = await budget(person, 'games');
    await person.spend('60.00', { category: 'food' });
    for (const category of ['books', 'travel', 'games']) await person.spend('120.00', { category });
    await person.spend('50.00', { category: 'food' });
    await person.spend('-50.00', { category: 'travel' });
    const read = (await alerts(person)).find(({ title }) => title.startsWith('books'));
    await person.read(read?.id ?? '');
    await person.disable(off);
    await pass(30);
    const gist = (await alerts(person)).map(({ title, status, reason }) => [
      title.slice(0, title.indexOf(':')),
      status,
      reason,
    ]);
    expect(gist).toEqual([
      ['food', 'cancelled', 'overtaken'],
      ['books', 'cancelled', 'already_read'],
      ['travel', 'cancelled', 'no_longer_reached'],
      ['games', 'cancelled', 'rule_disabled'],
      ['food', 'sent', undefined],
    ]);
    expect(subjects(person)).toEqual(['food: 110% of the monthly budget']);
    expect(await rollUps(person)).toEqual([]);
    expect(await quota(person)).toEqual([1]);
  });

  test('a level that fell and rose again is told once', async () => {
    const person = await world.person();
    const ruleId = await budget(person, 'food');
    for (const amount of ['120.00', '-50.00', '60.00']) await person.spend(amount);
    await pass(30);
    expect(await person.story(ruleId)).toEqual(['100 notified', '100 resolved', '100 notified']);
    expect(await alerts(person)).toMatchObject([{ status: 'cancelled' }, { status: 'sent' }]);
    expect(subjects(person)).toHaveLength(1);
  });

  test('the group meets the quota once, with its largest number and its gravest severity', async () => {
    const person = await world.person();
    const small = { maxNotificationsPerDay: 1 };
    for (const name of ['c1', 'c2']) await budget(person, name, rule('info', small));
    await budget(person, 'c3', rule('danger', { maxNotificationsPerDay: 2 }));
    await person.spend('120.00', { category: 'c1' });
    await pass(30);
    for (const category of ['c2', 'c3']) await person.spend('120.00', { category });
    await pass(30);
    expect(await statuses(person)).toEqual(['sent', 'merged', 'merged']);
    expect(await quota(person)).toEqual([2]);
  });

  test('the group is capped where the quota is used up', async () => {
    const person = await world.person();
    await person.prefers({ maxNotificationsPerDay: 1 });
    for (const name of ['c1', 'c2', 'c3']) await budget(person, name);
    await person.spend('120.00', { category: 'c1' });
    await pass(30);
    for (const category of ['c2', 'c3']) await person.spend('120.00', { category });
    await pass(30);
    expect(await alerts(person)).toMatchObject([
      { status: 'sent' },
      { status: 'capped', reason: 'daily_cap' },
      { status: 'capped', reason: 'daily_cap' },
    ]);
    expect([subjects(person).length, await quota(person)]).toEqual([1, [1]]);
  });

  test('quiet hours that have begun and a snooze defer it', async () => {
    await world.comes('19:59');
    const [night, snoozed] = [await world.person(), await world.person()];
    for (const person of [night, snoozed]) for (const name of ['food', 'books']) await budget(person, name);
    await world.comes(world.service.clock.now().add({ seconds: 45 }));
    for (const person of [night, snoozed])
      for (const category of ['food', 'books']) await person.spend('120.00', { category });
    expect(await statuses(night)).toEqual(['pending', 'pending']);
    await snoozed.prefers({ snoozeUntil: after(3600 * 24) });
    await pass(30);
    const [deferred] = await alerts(night);
    expect(deferred).toMatchObject({ status: 'deferred', reason: 'quiet_hours', until: at('08:00') });
    const untilLater = { status: 'deferred', reason: 'snoozed' };
    expect(await alerts(snoozed)).toMatchObject([untilLater, untilLater]);
    await world.comes('08:00');
    expect([subjects(night), subjects(snoozed)]).toEqual([['2 budgets need a look'], []]);
  });
});

const at = (time: string): string => world.next(time).toString();

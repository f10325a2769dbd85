/** The last interruption of a day is kept for danger, and recoveries take none. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';
import { quotaOf } from '../../support/worlds/rows.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z');
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

const rule = (severity: string, others: object = {}) => ({
  thresholds: [{ percent: 100, severity }],
  channels: ['in-app', 'email'],
  ...others,
});

const atOnce = { quietHours: { enabled: false, start: '20:00', end: '08:00', timezone: null } };

/** Overruns a new budget for this category alone. */
async function overrun(person: Person, category: string, severity: string, others: object = {}) {
  await person.budget('10.00', { ...rule(severity, others), name: category, categoryId: category });
  await person.spend('12.00', { category });
}
const states = async (person: Person) =>
  (await person.notifications()).map(({ type, severity, status, reason }) =>
    [type, severity, status, reason].filter((each) => each !== undefined).join(' '),
  );

describe('the last interruption of a day', () => {
  test('is kept for danger: the third warning is capped, and danger after it is sent', async () => {
    const person = await world.person();
    for (const category of ['c1', 'c2', 'c3']) await overrun(person, category, 'warning');
    await overrun(person, 'c4', 'danger');
    await overrun(person, 'c5', 'danger');
    expect(await states(person)).toEqual([
      'budget_alert warning sent',
      'budget_alert warning sent',
      'budget_alert warning capped daily_cap',
      'budget_alert danger sent',
      'budget_alert danger capped daily_cap',
    ]);
    expect(world.mailsTo(person)).toHaveLength(3);
  });

  test('goes to anything under a quota of one', async () => {
    const person = await world.person();
    await overrun(person, 'c1', 'info', { maxNotificationsPerDay: 1 });
    expect(await states(person)).toEqual(['budget_alert info sent']);
  });

  test('goes to a roll-up with one alert of danger, and not to one without', async () => {
    await world.comes('21:00');
    const [calm, alarmed] = [await world.person(), await world.person()];
    for (const person of [calm, alarmed])
      for (const category of ['c1', 'c2'])
        await overrun(person, category, 'info', { maxNotificationsPerDay: 2 });
    await overrun(alarmed, 'c3', 'danger', { maxNotificationsPerDay: 2 });
    // After midnight one interruption of the new day goes by.
    await world.comes('01:00');
    for (const person of [calm, alarmed]) await overrun(person, 'early', 'info', atOnce);
    await world.comes('08:00');
    expect((await states(calm)).slice(0, 2)).toEqual(Array(2).fill('budget_alert info capped daily_cap'));
    expect((await states(alarmed)).at(-1)).toBe('roll_up danger sent');
  });
});

describe('a recovery', () => {
  const watched = { notifyOnRecovery: true };

  test('takes no slot of the quota, and goes out where it is used up', async () => {
    const person = await world.person();
    await overrun(person, 'c1', 'danger', watched);
    for (const category of ['c2', 'c3']) await overrun(person, category, 'danger');
    expect(await quotaOf(world.service.sql, person)).toEqual([3]);
    await person.spend('-11.00', { category: 'c1' });
    expect((await states(person)).at(-1)).toBe('recovery info sent');
    expect(world.mailsTo(person)).toHaveLength(4);
    expect(await quotaOf(world.service.sql, person)).toEqual([3]);
  });

  test('goes out by itself at the end of quiet hours if the alerts beside it are capped', async () => {
    const person = await world.person();
    await overrun(person, 'c1', 'danger', watched);
    await world.comes('21:00');
    await person.spend('-11.00', { category: 'c1' });
    await overrun(person, 'c2', 'info', { maxNotificationsPerDay: 2 });
    expect((await states(person)).slice(1)).toEqual([
      'recovery info deferred quiet_hours',
      'budget_alert info deferred quiet_hours',
    ]);
    await world.comes('01:00');
    await overrun(person, 'early', 'info', atOnce);
    await world.comes('08:00');
    expect((await states(person)).slice(1)).toEqual([
      'recovery info sent',
      'budget_alert info capped daily_cap',
      'budget_alert info sent',
    ]);
    expect((await quotaOf(world.service.sql, person)).at(-1)).toBe(1);
  });

  test('waits for the end of a snooze', async () => {
    const person = await world.person();
    await overrun(person, 'c1', 'danger', watched);
    await person.prefers({ snoozeUntil: world.next('15:00').toString() });
    await person.spend('-11.00', { category: 'c1' });
    expect((await states(person)).at(-1)).toBe('recovery info deferred snoozed');
  });
});

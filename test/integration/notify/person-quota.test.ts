/** A person's own quota bounds a day over all rules, beside each rule's number. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';
import { quotaOf } from '../../support/worlds/rows.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z', { queuePrefix: 'person-quota' });
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

const rule = (severity: string, maxNotificationsPerDay = 3) => ({
  thresholds: [{ percent: 100, severity }],
  channels: ['in-app', 'email'],
  maxNotificationsPerDay,
});

/** Makes a person with this quota, or with none. */
async function personWith(maxNotificationsPerDay: number | null): Promise<Person> {
  const person = await world.person();
  await person.prefers({ maxNotificationsPerDay });
  return person;
}

/** Overruns a new budget for this category alone. */
async function overrun(person: Person, category: string, settings: object = rule('danger')): Promise<void> {
  await person.budget('10.00', { ...settings, name: category, categoryId: category });
  await person.spend('12.00', { category });
}

const statuses = async (person: Person): Promise<string[]> =>
  (await person.notifications()).map(({ status }) => status);

describe('a person’s quota', () => {
  test('of two holds over two rules of three each, and the next digest names the rest', async () => {
    const [bounded, free] = [await personWith(2), await personWith(null)];
    for (const person of [bounded, free])
      for (const category of ['food', 'books']) {
        const levels = [100, 200].map((percent) => ({ percent, severity: 'danger' }));
        const settings = { ...rule('danger'), thresholds: levels, name: category, categoryId: category };
        await person.budget('10.00', settings);
      }
    for (const person of [bounded, free])
      for (const amount of ['12.00', '9.00'])
        for (const category of ['food', 'books']) await person.spend(amount, { category });
    expect(await statuses(bounded)).toEqual(['sent', 'sent', 'capped', 'capped']);
    expect(await statuses(free)).toEqual(['sent', 'sent', 'sent', 'capped']);
    expect(await quotaOf(world.service.sql, bounded)).toEqual([2]);
    const [, , capped] = await bounded.notifications();
    expect(capped).toMatchObject({ reason: 'daily_cap', until: world.next('08:30').toString() });
    await world.comes('08:30');
    expect(await statuses(bounded)).toEqual(['sent', 'sent', 'merged', 'merged', 'sent']);
    expect((await bounded.notifications()).at(-1)).toMatchObject({ type: 'daily_summary' });
  });

  test('above a rule’s number leaves that number', async () => {
    const person = await personWith(5);
    for (const category of ['c1', 'c2', 'c3']) await overrun(person, category, rule('danger', 2));
    expect(await statuses(person)).toEqual(['sent', 'sent', 'capped']);
  });

  test('keeps its last slot for danger, and a critical alert passes it and counts', async () => {
    const person = await personWith(2);
    for (const category of ['c1', 'c2']) await overrun(person, category, rule('warning'));
    await overrun(person, 'c3', rule('danger'));
    await overrun(person, 'c4', rule('critical'));
    expect(await statuses(person)).toEqual(['sent', 'capped', 'sent', 'sent']);
    expect(await quotaOf(world.service.sql, person)).toEqual([3]);
    await person.prefers({ maxNotificationsPerDay: 3 });
    await overrun(person, 'c5', rule('danger', 9));
    expect((await statuses(person)).at(-1)).toBe('capped');
  });

  test('bounds a roll-up of rules with larger numbers', async () => {
    await world.comes('21:00');
    const [bounded, free] = [await personWith(1), await personWith(null)];
    const awake = { quietHours: { enabled: false, start: '20:00', end: '08:00', timezone: null } };
    for (const person of [bounded, free])
      for (const category of ['c1', 'c2']) await overrun(person, category);
    // After midnight one interruption of the new day goes by.
    await world.comes('01:00');
    for (const person of [bounded, free]) await overrun(person, 'early', { ...rule('danger'), ...awake });
    await world.comes('08:00');
    expect(await statuses(bounded)).toEqual(['capped', 'capped', 'sent']);
    expect(await statuses(free)).toEqual(['merged', 'merged', 'sent', 'sent']);
    expect((await quotaOf(world.service.sql, free)).at(-1)).toBe(2);
  });

  test('of one lets a whole roll-up out once', async () => {
    await world.comes('21:00');
    const person = await personWith(1);
    for (const category of ['c1', 'c2']) await overrun(person, category);
    await world.comes('08:00');
    expect(await statuses(person)).toEqual(['merged', 'merged', 'sent']);
    await overrun(person, 'c3');
    expect((await statuses(person)).at(-1)).toBe('capped');
  });
});

describe('a person who', () => {
  test('raises or removes their quota is told what comes after, and the rest at the digest hour', async () => {
    const person = await personWith(1);
    for (const category of ['c1', 'c2']) await overrun(person, category);
    await person.prefers({ maxNotificationsPerDay: 2 });
    await world.run('wake-deferred');
    expect(await statuses(person)).toEqual(['sent', 'capped']);
    for (const category of ['c3', 'c4']) await overrun(person, category);
    await person.prefers({ maxNotificationsPerDay: null });
    await overrun(person, 'c5');
    expect(await statuses(person)).toEqual(['sent', 'capped', 'sent', 'capped', 'sent']);
    await world.comes('08:30');
    const all = await person.notifications();
    expect(all.map(({ status }) => status)).toEqual(['sent', 'merged', 'sent', 'merged', 'sent', 'sent']);
    expect(all.at(-1)).toMatchObject({ type: 'daily_summary' });
  });

  test('lowers their quota is not interrupted again that day', async () => {
    const person = await personWith(null);
    await overrun(person, 'c1');
    await person.prefers({ maxNotificationsPerDay: 1 });
    await overrun(person, 'c2');
    expect(await statuses(person)).toEqual(['sent', 'capped']);
  });

  test('changes other preferences keeps their quota', async () => {
    const person = await personWith(1);
    await person.prefers({ digest: { at: '09:00' }, criticalInterrupts: false });
    for (const category of ['c1', 'c2']) await overrun(person, category, rule('critical'));
    expect(await statuses(person)).toEqual(['sent', 'capped']);
  });
});

/** What was capped or deferred is told only if it still holds, with the figures of the moment. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z');
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

const digest = '08:30';
const danger = { thresholds: [{ percent: 100, severity: 'danger' }], channels: ['in-app', 'email'] };

const watch = (person: Person, category: string, rule: object = {}) =>
  person.budget('10.00', { ...danger, name: category, categoryId: category, ...rule });

/** Overruns four budgets, of which the last is capped. */
async function cappedPerson(preferences: object = {}): Promise<Person> {
  const person = await world.person();
  await person.prefers(preferences);
  for (const category of ['c1', 'c2', 'c3', 'c4']) {
    await watch(person, category);
    await person.spend('12.00', { category });
  }
  return person;
}
const gists = async (person: Person, type = 'budget_alert') =>
  (await person.notifications())
    .filter((each) => each.type === type)
    .map(({ status, reason }) => (reason ? `${status} ${reason}` : status));
const lastMail = async (person: Person): Promise<string> =>
  (await readFile(world.mailsTo(person).at(-1)?.file ?? '', 'utf8')).replaceAll('=\r\n', '');

describe('a capped alert', () => {
  test('that does not hold at the digest is cancelled and not named', async () => {
    const person = await cappedPerson();
    await person.spend('-11.00', { category: 'c4' });
    await world.comes(digest);
    expect(await gists(person)).toEqual(['sent', 'sent', 'sent', 'cancelled no_longer_reached']);
    const summary = (await person.notifications()).at(-1);
    expect(summary).toMatchObject({ type: 'daily_summary', title: 'Yesterday: $37.00' });
    expect(await lastMail(person)).not.toContain('c4: ');
  });

  test('that does not hold makes no roll-up where nothing else is to be told', async () => {
    const person = await cappedPerson({ digest: { daily: false } });
    await person.spend('-11.00', { category: 'c4' });
    await world.comes(digest);
    expect(await gists(person)).toEqual(['sent', 'sent', 'sent', 'cancelled no_longer_reached']);
    expect(await gists(person, 'roll_up')).toEqual([]);
    expect(world.mailsTo(person)).toHaveLength(3);
  });

  test('is named with the figures of the digest’s hour', async () => {
    const person = await cappedPerson();
    await person.spend('3.50', { category: 'c4' });
    await world.comes(digest);
    expect((await person.notifications()).at(-1)?.message).toContain('c4: $15.50 of $10.00');
    expect(await gists(person)).toEqual(['sent', 'sent', 'sent', 'merged daily_cap']);
  });

  test('that was read meanwhile is not named', async () => {
    const person = await cappedPerson();
    await person.read((await person.notifications()).at(-1)?.id ?? '');
    await world.comes(digest);
    expect(await gists(person)).toEqual(['sent', 'sent', 'sent', 'cancelled already_read']);
    expect(await lastMail(person)).not.toContain('c4: ');
  });

  test('is dropped from a digest that waits for the end of quiet hours', async () => {
    const person = await cappedPerson({ quietHours: { end: '10:00' } });
    await world.comes(digest);
    expect((await person.notifications()).at(-1)?.message).toContain('c4: $12.00 of $10.00');
    await person.spend('-11.00', { category: 'c4' });
    await world.comes('10:00');
    expect(await gists(person, 'daily_summary')).toEqual(['sent']);
    expect(await lastMail(person)).not.toContain('c4: ');
  });
});

describe('a deferred alert', () => {
  test('belongs to its opening: one that opens again has an alert of its own', async () => {
    await world.comes('21:00');
    const person = await world.person();
    await watch(person, 'food');
    await person.spend('12.00');
    await person.spend('-11.00');
    await world.comes('22:00');
    await person.spend('12.00');
    await world.comes('08:00');
    expect(await gists(person)).toEqual(['cancelled no_longer_reached', 'sent']);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('is not overtaken by a higher level that is less severe', async () => {
    await world.comes('21:00');
    const person = await world.person();
    const thresholds = [
      { percent: 90, severity: 'danger' },
      { percent: 150, severity: 'info' },
    ];
    await watch(person, 'food', { thresholds });
    await person.spend('9.50');
    await person.spend('7.00');
    await world.comes('08:00');
    expect(await gists(person)).toEqual(['sent', 'cancelled overtaken']);
  });

  test('is overtaken by a lower level that is more severe', async () => {
    await world.comes('21:00');
    const person = await world.person();
    const thresholds = [
      { percent: 90, severity: 'critical' },
      { percent: 150, severity: 'info' },
    ];
    await watch(person, 'food', { thresholds });
    await person.prefers({ criticalInterrupts: false });
    await person.spend('9.50');
    await person.spend('7.00');
    await world.comes('08:00');
    expect(await gists(person)).toEqual(['sent', 'cancelled overtaken']);
  });
});

test('digests of a snooze of days come as the latest one, with the alerts of all', async () => {
  const person = await cappedPerson();
  await person.prefers({ snoozeUntil: world.next('12:00').add({ hours: 48 }).toString() });
  await world.comes(digest);
  await person.spend('1.00', { category: 'c9' });
  await world.comes(digest);
  expect(await gists(person, 'daily_summary')).toEqual(['deferred snoozed', 'deferred snoozed']);
  await world.comes('12:00');
  await world.comes('12:00');
  expect(await gists(person, 'daily_summary')).toEqual(['merged snoozed', 'sent']);
  expect(world.mailsTo(person)).toHaveLength(4);
  expect(await lastMail(person)).toContain('c4');
});

/** What a person has heard decides who speaks: which levels are superseded, when a cooldown runs and who recovers. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../support/worlds/person.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-02T11:00:00Z');
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

const food = { name: 'Food', channels: ['in-app', 'email'], maxNotificationsPerDay: 20 };
const subjects = (person: Person) =>
  world
    .mailsTo(person)
    .map(({ subject }) => subject)
    .filter((subject) => !subject.startsWith('Yesterday'));
const pass = async (minutes: number) => {
  world.service.clock.moveTo(world.service.clock.now().add({ minutes }));
  await world.run('end-cooldowns');
};
const gists = async (person: Person) =>
  (await person.notifications())
    .filter(({ type }) => type !== 'daily_summary')
    .map(({ type, level, status, reason }) => [type, level ?? null, status, reason ?? null].join(' '));

describe('the level that speaks', () => {
  test('is a critical one below the highest, and interrupts at night', async () => {
    await world.comes('22:00');
    const person = await world.person();
    const thresholds = [
      { percent: 90, severity: 'critical' },
      { percent: 100, severity: 'info' },
    ];
    const ruleId = await person.budget('100.00', { ...food, thresholds });
    await person.spend('130.00');
    expect(await person.story(ruleId)).toEqual(['90 notified', '100 superseded']);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('is the most severe still open when the cooldown of another ends', async () => {
    const person = await world.person();
    const ruleId = await person.budget('100.00', food);
    await person.spend('100.00');
    await person.spend('-60.00');
    await person.spend('60.00');
    await person.spend('-10.00');
    expect(await person.story(ruleId, 6)).toEqual([
      '80 deduplicated',
      '95 deduplicated',
      '100 deduplicated',
      '100 resolved',
      '95 resolved',
    ]);
    expect(subjects(person)).toHaveLength(1);
    await pass(61);
    expect(await person.story(ruleId, 11)).toEqual(['80 notified']);
    expect(subjects(person)).toHaveLength(2);
  });

  test('is a superseded one when the level that spoke for it falls at night', async () => {
    await world.comes('22:00');
    const person = await world.person();
    const ruleId = await person.budget('100.00', food);
    await person.spend('120.00');
    await person.spend('-22.00');
    expect(await person.story(ruleId)).toEqual([
      '80 superseded',
      '95 superseded',
      '100 notified',
      '100 resolved',
      '95 notified',
    ]);
    await world.comes('08:00');
    expect(await gists(person)).toEqual([
      'budget_alert 100 cancelled no_longer_reached',
      'budget_alert 95 sent ',
    ]);
    expect(subjects(person)).toHaveLength(1);
  });
});

describe('an alert that nobody has heard', () => {
  test('starts no cooldown: one that opens again at night is mailed once in the morning', async () => {
    await world.comes('22:00');
    const person = await world.person();
    const ruleId = await person.budget('100.00', { ...food, cooldownMinutes: 3 });
    await person.spend('85.00');
    await person.spend('-85.00');
    await person.spend('85.00');
    await pass(5);
    expect(await person.story(ruleId)).toEqual(['80 notified', '80 resolved', '80 notified']);
    await world.comes('08:00');
    expect(await gists(person)).toEqual([
      'budget_alert 80 cancelled no_longer_reached',
      'budget_alert 80 sent ',
    ]);
    expect(subjects(person)).toHaveLength(1);
  });

  test('has no recovery', async () => {
    await world.comes('22:00');
    const person = await world.person();
    await person.budget('100.00', { ...food, notifyOnRecovery: true });
    await person.spend('85.00');
    await person.spend('-85.00');
    await world.comes('08:00');
    expect(await gists(person)).toEqual(['budget_alert 80 cancelled no_longer_reached']);
    expect(subjects(person)).toEqual([]);
  });
});

describe('a recovery', () => {
  const recovering = { ...food, notifyOnRecovery: true };

  test('follows an alert that was heard, once, and none that was deduplicated', async () => {
    const person = await world.person();
    const ruleId = await person.budget('100.00', recovering);
    for (const amount of ['85.00', '-85.00', '85.00', '-85.00']) await person.spend(amount);
    expect(await person.story(ruleId)).toEqual([
      '80 notified',
      '80 resolved',
      '80 deduplicated',
      '80 resolved',
    ]);
    expect(await gists(person)).toEqual(['budget_alert 80 sent ', 'recovery 80 sent ']);
  });

  test('follows an alert that was heard in a roll-up', async () => {
    await world.comes('22:00');
    const person = await world.person();
    for (const category of ['food', 'books'])
      await person.budget('100.00', { ...recovering, name: category, categoryId: category });
    await person.spend('85.00', { category: 'food' });
    await person.spend('85.00', { category: 'books' });
    await world.comes('08:00');
    await person.spend('-85.00', { category: 'books' });
    expect((await gists(person)).at(-1)).toBe('recovery 80 sent ');
  });

  test('follows an alert that was heard in the app alone', async () => {
    const person = await world.person();
    await person.budget('100.00', { ...recovering, channels: ['in-app'] });
    await person.spend('85.00');
    await person.spend('-85.00');
    expect(await gists(person)).toEqual(['budget_alert 80 sent no_channel', 'recovery 80 sent no_channel']);
  });

  test('does not follow an alert of a muted rule', async () => {
    const person = await world.person();
    await person.budget('100.00', { ...recovering, notificationsEnabled: false });
    await person.spend('85.00');
    await person.spend('-85.00');
    expect(await gists(person)).toEqual(['budget_alert 80 sent muted']);
  });

  test('does not follow the person’s own edit', async () => {
    const person = await world.person();
    const ruleId = await person.budget('100.00', recovering);
    await person.spend('85.00');
    await person.change(ruleId, { budgetAmount: '200.00' });
    expect(await person.story(ruleId)).toEqual(['80 notified', '80 resolved']);
    expect(await gists(person)).toEqual(['budget_alert 80 sent ']);
  });
});

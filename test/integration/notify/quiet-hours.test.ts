/** Quiet hours defer notifications; at their end those that still hold are released together, and none is lost. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Person, ReceivedNotification } from '../../support/worlds/person.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-03-01T12:00:00Z');
});
afterAll(() => world.end());

const at100 = { thresholds: [{ percent: 100, severity: 'danger' }], channels: ['in-app', 'email'] };
const gist = ({ type, level, status, reason, until }: ReceivedNotification) => ({
  type,
  level,
  status,
  reason,
  until,
});

/** Three budgets are overrun in quiet hours, and the spending of one is refunded before they end. */
async function busyNight(timezone: string, evening: string, morning: string): Promise<Person> {
  world.service.clock.moveTo(Temporal.Instant.from(evening));
  const person = await world.person({ timezone });
  for (const category of ['food', 'books', 'travel'])
    await person.budget('100.00', { ...at100, name: category, categoryId: category });
  await person.spend('120.00', { category: 'food' });
  await person.spend('130.00', { category: 'books' });
  await person.spend('140.00', { category: 'travel' });
  const deferred = {
    type: 'budget_alert',
    level: 100,
    status: 'deferred',
    reason: 'quiet_hours',
    until: morning,
  };
  expect((await person.notifications()).map(gist)).toEqual([deferred, deferred, deferred]);
  await person.spend('-90.00', { category: 'books' });
  return person;
}

describe.each([
  // The night lasts from 20:00 to 08:00 local time; where the clocks change in it, 08:00 has the new offset.
  // The rows are in the order of their days, because the service's clock only moves forward.
  ['New York when clocks go forward', 'America/New_York', '2026-03-08T04:30:00Z', '2026-03-08T12:00:00Z'],
  ['London when clocks go forward', 'Europe/London', '2026-03-28T23:30:00Z', '2026-03-29T07:00:00Z'],
  [
    'Lord Howe when clocks go half an hour back',
    'Australia/Lord_Howe',
    '2026-04-04T12:00:00Z',
    '2026-04-04T21:30:00Z',
  ],
  [
    'Lord Howe when clocks go half an hour forward',
    'Australia/Lord_Howe',
    '2026-10-03T13:00:00Z',
    '2026-10-03T21:00:00Z',
  ],
  ['London when clocks go back', 'Europe/London', '2026-10-24T22:30:00Z', '2026-10-25T08:00:00Z'],
  ['New York when clocks go back', 'America/New_York', '2026-11-01T03:30:00Z', '2026-11-01T13:00:00Z'],
  ['Kolkata without a change of clocks', 'Asia/Kolkata', '2026-11-01T18:00:00Z', '2026-11-02T02:30:00Z'],
  [
    'Havana when clocks go forward at midnight',
    'America/Havana',
    '2027-03-14T04:30:00Z',
    '2027-03-14T12:00:00Z',
  ],
  ['Havana when clocks go back at one', 'America/Havana', '2027-11-07T03:30:00Z', '2027-11-07T13:00:00Z'],
])('a night in %s', (_name, timezone, evening, morning) => {
  test('defers alerts to its end, and releases those that still hold in one roll-up', async () => {
    const person = await busyNight(timezone, evening, morning);
    const before = Temporal.Instant.from(morning).subtract({ seconds: 1 });
    await world.comes(before);
    expect(world.mailsTo(person)).toEqual([]);
    expect((await person.notifications()).map(({ status }) => status)).toEqual(Array(3).fill('deferred'));

    await world.comes(morning);
    const [food, books, travel, rollUp, ...others] = await person.notifications();
    expect(others).toEqual([]);
    expect(books).toMatchObject({ status: 'cancelled', reason: 'no_longer_reached' });
    expect(food).toMatchObject({ status: 'merged', mergedInto: rollUp?.id, reason: 'quiet_hours' });
    expect(travel).toMatchObject({ status: 'merged', mergedInto: rollUp?.id });
    expect(rollUp).toMatchObject({ type: 'roll_up', severity: 'danger', status: 'sent' });
    expect(rollUp?.message).toMatch(/food.*120\.00/s);
    expect(rollUp?.message).not.toContain('books');
    expect(world.mailsTo(person).map(({ subject }) => subject)).toEqual([rollUp?.title]);
    // The daily summary has arrived by then, without the notifications of the roll-up.
    await world.comes(Temporal.Instant.from(morning).add({ hours: 1 }));
    const subjects = world.mailsTo(person).map(({ subject }) => subject);
    expect(subjects).toEqual([rollUp?.title, 'Yesterday: $300.00']);
  });
});

describe('a deferred notification', () => {
  const morning = '08:00';

  async function deferredAlert(rule: object = {}): Promise<{ person: Person; ruleId: string }> {
    await world.comes('21:00');
    const person = await world.person();
    const ruleId = await person.budget('100.00', { ...at100, name: 'Food', ...rule });
    await person.spend('120.00');
    return { person, ruleId };
  }
  const at = (time: string): string => world.next(time).toString();
  const gists = async (person: Person) => (await person.notifications()).map(gist);

  test('gives way to one of the other currency that its rule has at release', async () => {
    const { person, ruleId } = await deferredAlert();
    await person.spend('61800', { currency: 'JPY' });
    await person.change(ruleId, { currency: 'JPY', budgetAmount: '60000' });
    await world.comes(morning);
    expect(await gists(person)).toEqual([
      { type: 'budget_alert', level: 100, status: 'cancelled', reason: 'no_longer_reached' },
      { type: 'budget_alert', level: 100, status: 'sent' },
    ]);
    const [mail] = world.mailsTo(person);
    const text = await readFile(mail?.file ?? '', 'utf8');
    expect(text).toContain('¥61,800 of ¥60,000 spent');
  });

  test('goes out by itself when no other is released with it', async () => {
    const { person } = await deferredAlert();
    await person.spend('5.00');
    await world.comes(morning);
    expect(await gists(person)).toEqual([{ type: 'budget_alert', level: 100, status: 'sent' }]);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('is in the app at once and marked silent', async () => {
    const { person } = await deferredAlert();
    const [alert] = await person.notifications();
    expect(alert).toMatchObject({ silent: true, deliveries: [{ channel: 'in-app', status: 'sent' }] });
  });

  test('goes out in a roll-up at the end of the rules’ quiet hours, though the person’s last longer', async () => {
    const own = { quietHours: { enabled: true, start: '20:00', end: '06:00', timezone: null } };
    const { person } = await deferredAlert(own);
    await person.budget('100.00', { ...at100, ...own, name: 'All' });
    await world.comes('06:00');
    expect((await person.notifications()).at(-1)).toMatchObject({ type: 'roll_up', status: 'sent' });
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('is cancelled when the person reads it meanwhile', async () => {
    const { person } = await deferredAlert();
    const [alert] = await person.notifications();
    await person.read(alert?.id ?? '');
    await world.comes(morning);
    expect(await gists(person)).toMatchObject([{ status: 'cancelled', reason: 'already_read' }]);
    expect(world.mailsTo(person)).toEqual([]);
  });

  test('is cancelled when a higher level overtakes it', async () => {
    const { person } = await deferredAlert({
      thresholds: [
        { percent: 80, severity: 'info' },
        { percent: 150, severity: 'danger' },
      ],
    });
    await person.spend('40.00');
    await world.comes(morning);
    expect(await gists(person)).toMatchObject([
      { level: 80, status: 'cancelled', reason: 'overtaken' },
      { level: 150, status: 'sent' },
    ]);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('is cancelled when its rule is disabled', async () => {
    const { person, ruleId } = await deferredAlert();
    await person.disable(ruleId);
    await world.comes(morning);
    expect(await gists(person)).toMatchObject([{ status: 'cancelled', reason: 'rule_disabled' }]);
    expect(world.mailsTo(person)).toEqual([]);
  });

  test('waits longer when quiet hours are extended, and goes out sooner when they are shortened', async () => {
    const { person, ruleId } = await deferredAlert();
    await person.prefers({ quietHours: { end: '10:30' } });
    expect(await gists(person)).toMatchObject([{ status: 'deferred', until: at('10:30') }]);
    await world.comes(morning);
    expect(world.mailsTo(person)).toEqual([]);
    await person.change(ruleId, {
      quietHours: { enabled: true, start: '20:00', end: '09:00', timezone: null },
    });
    expect(await gists(person)).toMatchObject([{ status: 'deferred', until: at('09:00') }]);
    await world.comes('09:00');
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('gets another release time when its person moves to another time zone', async () => {
    const { person } = await deferredAlert();
    await person.prefers({ timezone: 'Asia/Tokyo' });
    expect(await gists(person)).toMatchObject([{ status: 'deferred', until: at('23:00') }]);
    await person.prefers({ timezone: 'America/Los_Angeles' });
    expect(await gists(person)).toMatchObject([
      { status: 'deferred', until: world.service.clock.now().toString() },
    ]);
    await world.run('wake-deferred');
    expect(world.mailsTo(person)).toHaveLength(1);
  });
});

describe('quiet hours', () => {
  beforeEach(() => world.comes('23:00'));
  const critical = { thresholds: [{ percent: 100, severity: 'critical' }], channels: ['in-app', 'email'] };

  test('let critical alerts interrupt, unless the person has switched that off', async () => {
    const [one, other] = [await world.person(), await world.person()];
    await other.prefers({ criticalInterrupts: false });
    for (const person of [one, other]) {
      await person.budget('100.00', critical);
      await person.spend('100.00');
    }
    expect((await one.notifications()).map(gist)).toMatchObject([{ status: 'sent' }]);
    expect((await other.notifications()).map(gist)).toMatchObject([{ status: 'deferred' }]);
    expect(world.mailsTo(one)).toHaveLength(1);
    expect(world.mailsTo(other)).toEqual([]);
  });

  test('defer nothing for a person without an external channel', async () => {
    const person = await world.person();
    await person.budget('100.00', { channels: ['in-app', 'sms'] });
    await person.spend('100.00');
    const [alert] = await person.notifications();
    expect(alert).toMatchObject({ status: 'sent', reason: 'no_channel' });
  });
});

/** Each person gets one summary of their local day at their digest hour, and one of the week on Monday. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../support/worlds/person.ts';
import { type Summary, summariesOf } from '../../support/worlds/summaries.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

let world: NotificationWorld;
beforeAll(async () => {
  // A Friday.
  world = await NotificationWorld.begin('2026-03-27T08:00:00Z');
});
afterAll(() => world.end());

const readSummaries = (person: Person): Promise<Summary[]> => summariesOf(world.service.sql, person);
const gist = ({ type, at, total }: Summary) => `${type} at ${at}: ${total}`;

/** A person whose next digest time the job has computed. */
async function someone(settings: { timezone?: string } = {}): Promise<Person> {
  const person = await world.person(settings);
  await world.run('daily-summary');
  return person;
}

const at = (day: string, time: string, timeZone = 'UTC'): Temporal.Instant =>
  Temporal.PlainDate.from(day).toZonedDateTime({ timeZone, plainTime: time }).toInstant();

const daysFrom = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, days) => Temporal.PlainDate.from(first).add({ days }).toString());

/** Spends in the first and the last quarter of an hour of each day. */
async function spendsAtTheEdges(person: Person, timeZone: string, days: readonly string[]): Promise<void> {
  for (const [number, day] of days.entries()) {
    await person.spends(`${number + 1}.00`, { at: at(day, '00:05', timeZone), category: 'early' });
    await person.spends('10.00', { at: at(day, '23:55', timeZone), category: 'late' });
  }
}

const zones = ['Pacific/Auckland', 'Pacific/Honolulu', 'Europe/London'];

describe.each([
  ['London goes forward', '2026-03-28'],
  ['Auckland goes back', '2026-04-04'],
  ['Auckland goes forward', '2026-09-26'],
  ['London goes back', '2026-10-24'],
])('on the days when %s', (_name, first) => {
  test('people in three time zones get one summary of each day, at their digest hour', async () => {
    const days = daysFrom(first, 3);
    // Digest hours are at half past, and all three zones have whole hours as offsets.
    world.service.clock.moveTo(at(first, '17:30'));
    const people = new Map<string, Person>();
    for (const zone of zones) people.set(zone, await someone({ timezone: zone }));
    for (const [zone, person] of people) await spendsAtTheEdges(person, zone, days);
    await world.service.settled();

    const end = at(first, '19:30').add({ hours: 72 });
    while (Temporal.Instant.compare(world.service.clock.now(), end) < 0) {
      world.service.clock.advance({ hours: 1 });
      await world.run('daily-summary');
    }
    for (const [zone, person] of people) {
      const expected = days.map((day, number) => {
        const morning = at(Temporal.PlainDate.from(day).add({ days: 1 }).toString(), '08:30', zone);
        return `daily_summary at ${morning.toString()}: ${1100 + 100 * number}`;
      });
      expect([zone, (await readSummaries(person)).map(gist)]).toEqual([zone, expected]);
      expect(world.mailsTo(person)).toHaveLength(3);
    }
  });
});

describe('daily and weekly summaries', () => {
  // A Sunday.
  const sunday = '2026-11-01';
  const monday = '2026-11-02';

  beforeAll(async () => world.comes(at('2026-10-30', '12:00')));

  async function spender(digest: object): Promise<Person> {
    const person = await someone();
    await person.prefers({ digest });
    const [first, second] = [at('2026-10-19', '12:00'), at('2026-10-26', '00:00')];
    await person.spends('7.00', { at: first, time: first });
    await person.spends('100.00', { at: second, time: second });
    await person.spend('20.00', { at: at(sunday, '23:59') });
    return person;
  }

  async function readDue({ userId }: Person): Promise<string> {
    const { rows } = await statement<{ due: string }>`
      select digest_due_at as due from users where id = ${userId}`.execute(world.service.sql);
    const due = rows[0]?.due ?? '';
    return due.endsWith('infinity') ? due : Temporal.Instant.from(due).toString();
  }

  test('come together on Monday, each only to people who want it', async () => {
    const [both, daily, weekly, neither] = [
      await spender({ daily: true, weekly: true }),
      await spender({ daily: true }),
      await spender({ daily: false, weekly: true }),
      await spender({ daily: false, weekly: false }),
    ];
    await world.comes(at(sunday, '08:30'));
    await world.comes(at(monday, '08:29'));
    for (const person of [both, daily, weekly, neither]) expect(await readSummaries(person)).toEqual([]);
    await world.comes(at(monday, '08:30'));
    await world.comes(at(monday, '08:31'));
    const [ofDay, ofWeek] = [
      `daily_summary at ${monday}T08:30:00Z: 2000`,
      `weekly_summary at ${monday}T08:30:00Z: 12000`,
    ];
    expect((await readSummaries(both)).map(gist)).toEqual([ofDay, ofWeek]);
    expect((await readSummaries(daily)).map(gist)).toEqual([ofDay]);
    expect((await readSummaries(weekly)).map(gist)).toEqual([ofWeek]);
    expect(await readSummaries(neither)).toEqual([]);
    expect([await readDue(daily), await readDue(neither)]).toEqual(['2026-11-03T08:30:00Z', 'infinity']);
    const subjects = world.mailsTo(both).map(({ subject }) => subject);
    expect(subjects.toSorted()).toEqual([
      'Last week: $120.00, far more than the week before',
      'Yesterday: $20.00',
    ]);
    await world.comes(at('2026-11-09', '08:30'));
    expect(await readSummaries(both)).toHaveLength(2);
  });
});

describe('the summary of a day', () => {
  test('without an expense is not sent, and that of the next day is', async () => {
    await world.comes('12:00');
    const person = await someone();
    await world.comes('08:30');
    expect(await person.notifications()).toEqual([]);
    await person.spend('5.00');
    await world.comes('08:30');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['500']);
  });

  test('holds the expenses known at the digest hour, and later ones cause no second summary', async () => {
    await world.comes('12:00');
    const person = await someone();
    const noon = world.service.clock.now();
    await person.spend('5.00');
    await world.comes('08:29');
    await person.spend('2.00', { at: noon });
    await world.comes('08:30');
    await person.spend('4.00', { at: noon });
    await world.comes('08:31');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['700']);
    const { rows } = await statement<{ total_minor: string; span: string; count: number }>`
      select total_minor, span, transaction_count as count from daily_spending_summary
      where user_id = ${person.userId}`.execute(world.service.sql);
    expect(rows).toEqual([{ total_minor: '700', span: 'day', count: 2 }]);
  });

  test('is deferred by quiet hours and by a snooze', async () => {
    await world.comes('12:00');
    const [late, snoozed] = [await someone(), await someone()];
    await late.prefers({ quietHours: { end: '10:00' } });
    await snoozed.prefers({ snoozeUntil: world.service.clock.now().add({ hours: 48 }).toString() });
    for (const person of [late, snoozed]) await person.spend('5.00');
    await world.comes('08:30');
    expect(await late.notifications()).toMatchObject([{ status: 'deferred', reason: 'quiet_hours' }]);
    expect(await snoozed.notifications()).toMatchObject([{ status: 'deferred', reason: 'snoozed' }]);
    await world.comes('10:00');
    expect(world.mailsTo(late).map(({ subject }) => subject)).toEqual(['Yesterday: $5.00']);
    expect(world.mailsTo(snoozed)).toEqual([]);
  });

  test('is left out when the service was down for days, except for the last day', async () => {
    await world.comes(at('2026-12-04', '12:00'));
    const person = await someone();
    await person.prefers({ digest: { weekly: true } });
    for (const [number, day] of daysFrom('2026-12-04', 4).entries())
      await person.spend(`${number + 1}.00`, { at: at(day, '13:00') });
    // The service is down from Friday to Tuesday, over a Monday.
    await world.comes(at('2026-12-08', '10:00'));
    await world.comes(at('2026-12-08', '10:01'));
    const monday = 'daily_summary at 2026-12-08T10:00:00Z: 400';
    const week = 'weekly_summary at 2026-12-08T10:00:00Z: 600';
    expect((await readSummaries(person)).map(gist)).toEqual([monday, week]);
    expect((await readSummaries(person)).map(({ day }) => day)).toEqual(['2026-12-08', '2026-12-07']);
    await person.spend('8.00');
    await world.comes('08:30');
    expect((await readSummaries(person)).at(-1)).toMatchObject({ day: '2026-12-09', total: '800' });
  });

  test('is sent once when three jobs run at the same moment', async () => {
    await world.comes('12:00');
    const people = [await someone(), await someone(), await someone()];
    for (const person of people) await person.spend('5.00');
    world.service.clock.moveTo(world.next('08:30'));
    await Promise.all([1, 2, 3].map(() => world.run('daily-summary')));
    for (const person of people) expect(await readSummaries(person)).toHaveLength(1);
  });
});

describe('the digest hour', () => {
  test('moves with the preference, and brings one summary a day', async () => {
    await world.comes('08:00');
    const person = await someone();
    await person.spends('5.00', { at: world.service.clock.now().subtract({ hours: 24 }) });
    await person.prefers({ digest: { at: '18:00' } });
    await world.comes('08:30');
    expect(await readSummaries(person)).toEqual([]);
    await person.spend('6.00');
    await world.comes('18:00');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['500']);
    await person.prefers({ digest: { at: '19:00' } });
    await world.comes('19:00');
    expect(await readSummaries(person)).toHaveLength(1);
    await world.comes('19:00');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['500', '600']);
  });

  test('that has come is not lost by a change of preferences before the job runs', async () => {
    await world.comes('12:00');
    const person = await someone();
    await person.spend('5.00');
    world.service.clock.moveTo(world.next('08:30'));
    await person.prefers({ locale: 'de-AT' });
    await world.run('daily-summary');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['500']);
  });

  test.each([
    ['it is set to an hour that has passed', '08:30', '08:10', { digest: { at: '08:00' } }],
    ['it is set to an earlier hour as it comes', '08:30', '08:30', { digest: { at: '08:00' } }],
    ['the person moves to where it has passed', '08:30', '07:00', { timezone: 'Asia/Tokyo' }],
    ['the person moves to where its day has passed', '23:30', '23:15', { timezone: 'Europe/Berlin' }],
  ])('still brings the summary when %s', async (_how, hour, time, change) => {
    await world.comes(hour);
    const person = await someone({ timezone: 'UTC' });
    await person.prefers({ digest: { at: hour } });
    await person.spend('5.00', { at: world.service.clock.now().subtract({ hours: 2 }) });
    world.service.clock.moveTo(world.next(time));
    await person.prefers(change);
    await world.run('daily-summary');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['500']);
    await person.prefers({ digest: { at: '08:45' }, timezone: 'UTC' });
    await world.comes('09:00');
    expect(await readSummaries(person)).toHaveLength(1);
  });

  test('after switching summaries off and on again is the next one', async () => {
    await world.comes('12:00');
    const person = await someone();
    await person.prefers({ digest: { daily: false } });
    await person.spend('5.00');
    await world.comes('08:30');
    await person.prefers({ digest: { daily: true } });
    await world.comes('08:31');
    expect(await readSummaries(person)).toEqual([]);
    await person.spend('6.00');
    await world.comes('08:30');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['600']);
  });

  test('comes sooner for a person who is moved east', async () => {
    await world.comes('10:00');
    const person = await someone();
    await person.spend('5.00');
    const settings = { timezone: 'Asia/Tokyo' };
    await world.service.put(`/api/users/${person.userId}`, settings, world.service.tenant.adminKey);
    // 23:30 UTC is 08:30 in Tokyo.
    await world.comes('23:29');
    expect(await readSummaries(person)).toEqual([]);
    await world.comes('23:30');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['500']);
  });

  test('is that of a new time zone, and a move west brings no second summary for the same date', async () => {
    await world.comes('09:00');
    const person = await someone({ timezone: 'Pacific/Auckland' });
    await person.spend('5.00');
    // 19:30 UTC is 08:30 of the next day in Auckland, and 09:30 of this day in Honolulu.
    await world.comes('19:30');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['500']);
    await person.prefers({ timezone: 'Pacific/Honolulu' });
    await person.spend('6.00');
    await world.comes('18:30');
    expect(await readSummaries(person)).toHaveLength(1);
    await person.spend('7.00');
    await world.comes('18:30');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['500', '700']);
  });

  test('is computed for a person known before there were summaries, and no past summary is sent', async () => {
    await world.comes('12:00');
    const person = await world.person();
    await person.spend('5.00', { at: world.service.clock.now().subtract({ hours: 24 }) });
    await world.run('daily-summary');
    expect(await readSummaries(person)).toEqual([]);
    await person.spend('6.00');
    await world.comes('08:30');
    expect((await readSummaries(person)).map(({ total }) => total)).toEqual(['600']);
  });
});

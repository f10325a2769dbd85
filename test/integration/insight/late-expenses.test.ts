/** A digest names what was posted since the last one for earlier days, once. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';
import { summariesOf } from '../../support/worlds/summaries.ts';

let world: NotificationWorld;
beforeAll(async () => {
  // A Tuesday.
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z');
});
afterAll(() => world.end());
beforeEach(() => world.comes('13:00'));

const hours = (count: number) => world.service.clock.now().subtract({ hours: count });
const days = (count: number) => hours(24 * count);
const late = async (person: Person) =>
  (await summariesOf(world.service.sql, person)).map(({ figures }) => figures?.late ?? null);
const digests = async (person: Person) =>
  (await person.notifications()).filter(({ type }) => type.endsWith('_summary'));

async function someone(preferences: object = {}): Promise<Person> {
  const person = await world.person();
  await person.prefers(preferences);
  return person;
}

describe('a digest', () => {
  test('names late expenses of earlier days as one total and one count, and once', async () => {
    const person = await someone();
    await person.spend('400.00', { at: days(2) });
    await person.spend('80.00', { at: days(3) });
    await world.comes('08:30');
    expect(await late(person)).toEqual([{ count: 2, totalMinor: '48000', levels: [] }]);
    const [digest] = await digests(person);
    expect(digest).toMatchObject({ status: 'sent', title: 'Yesterday: $0.00' });
    expect(digest?.message).toContain(
      '2 expenses of earlier days, $480.00 in all, were posted since the summary before.',
    );
    expect(world.mailsTo(person)).toHaveLength(1);
    await world.comes('13:00');
    await person.spend('1.00');
    await world.comes('08:30');
    expect((await late(person)).at(-1)).toBeNull();
  });

  test('does not name what it or the digest before counts among its figures', async () => {
    const person = await someone();
    await person.spend('5.00', { at: hours(3) });
    await person.spend('6.00');
    await world.comes('08:30');
    expect(await late(person)).toEqual([null]);
    await world.comes('13:00');
    await person.spend('7.00', { at: days(1) });
    await world.comes('08:30');
    // It is of the day before yesterday, whose digest has gone out.
    expect((await late(person)).at(-1)).toEqual({ count: 1, totalMinor: '700', levels: [] });
    expect((await digests(person)).at(-1)?.message).toContain(
      '1 expense of an earlier day, $7.00, was posted since the summary before.',
    );
  });

  test('names levels that late expenses reached in periods which are closed to alerts', async () => {
    const person = await someone();
    await person.budget('50.00', { name: 'Daily', period: 'daily', channels: ['in-app', 'email'] });
    const spentAt = days(2);
    await person.spend('400.00', { at: spentAt });
    await world.comes('08:30');
    const day = spentAt.toString().slice(0, 'YYYY-MM-DD'.length);
    expect(await late(person)).toMatchObject([
      { count: 1, levels: [{ ruleName: 'Daily', level: 150, period: { start: day } }] },
    ]);
    expect((await digests(person))[0]?.message).toMatch(/Daily reached 150% \(.*2026\)\./);
  });

  test('converts foreign amounts by their days, and leaves out those without a rate', async () => {
    const person = await someone();
    const date = days(2).toString().slice(0, 'YYYY-MM-DD'.length);
    await world.service.put(
      '/api/fx-rates',
      { date, base: 'USD', rates: { EUR: '0.50' } },
      world.service.tenant.adminKey,
    );
    await person.spend('10.00', { at: days(2), currency: 'EUR' });
    await person.spend('10.00', { at: days(2), currency: 'SEK' });
    await person.spend('1.00', { at: days(2) });
    await world.comes('08:30');
    expect(await late(person)).toMatchObject([{ count: 2, totalMinor: '2100' }]);
  });

  test('of the day names them where a weekly one comes with it', async () => {
    const person = await someone({ digest: { weekly: true } });
    const now = world.service.clock.now().toZonedDateTimeISO('UTC');
    await world.comes(now.add({ days: 7 - now.dayOfWeek, minutes: 1 }).toInstant());
    await person.spend('30.00', { at: days(9) });
    await person.spend('2.00');
    await world.comes('08:30');
    const messages = (await digests(person))
      .slice(-2)
      .map(({ type, message }) => [type, message.includes('posted since')]);
    expect(new Map(messages as [string, boolean][])).toEqual(
      new Map([
        ['daily_summary', true],
        ['weekly_summary', false],
      ]),
    );
  });
});

test('history that is as old as its spending is not late', async () => {
  const person = await someone();
  const spentAt = days(2).toString();
  const data = { userId: person.userId, categoryId: 'food', amount: '9.00', currency: 'USD', spentAt };
  const id = `history-${person.userId}`;
  const event = { id, type: 'expense.created', time: spentAt, data: { ...data, expenseId: id } };
  await world.service.post('/api/events', event);
  await world.service.settled();
  await world.comes('08:30');
  expect(await digests(person)).toEqual([]);
});

test('without digests late expenses are in the answer for the day on which they were posted alone', async () => {
  const person = await someone({ digest: { daily: false } });
  await person.spend('400.00', { at: days(2) });
  const token = await world.service.token(person.userId);
  const today = world.service.clock.now().toString().slice(0, 'YYYY-MM-DD'.length);
  const read = async (date: string) =>
    (await world.service.get(`/api/smart-alerts/daily-summary?date=${date}`, token)).body.data;
  expect(await read(today)).toMatchObject({ transactionCount: 0, late: { count: 1, total: '400.00' } });
  expect(await read(days(2).toString().slice(0, today.length))).not.toHaveProperty('late');
  await world.comes('08:30');
  expect(await digests(person)).toEqual([]);
});

/** A night in the ledger: an alert is made in the evening, waits, is checked again and is told in the morning. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-03-20T12:00:00Z');
});
afterAll(() => world.end());

type Entry = { at: string; kind: string; outcome?: string; channel?: string; why: string };

const at100 = { thresholds: [{ percent: 100, severity: 'danger' }], channels: ['in-app', 'email'] };

async function ledger(person: Person, date: string): Promise<Entry[]> {
  const token = await world.service.token(person.userId);
  const { status, body } = await world.service.get(`/api/smart-alerts/why?date=${date}`, token);
  expect(status).toBe(200);
  return body.data.entries;
}

const line = ({ at, kind, outcome, channel }: Entry) =>
  [at, kind, outcome, channel].filter((each) => each !== undefined).join(' ');
const sentence = ({ why }: Entry): string => why;

/** Somebody in Berlin overruns a budget at 22:00, where it is an hour or two later than in UTC. */
async function evening(at: string): Promise<Person> {
  world.service.clock.moveTo(Temporal.Instant.from(at));
  const person = await world.person({ timezone: 'Europe/Berlin' });
  await person.budget('100.00', { ...at100, name: 'Food', categoryId: 'food' });
  await person.spend('120.00', { merchant: 'Bistro' });
  return person;
}

describe('an alert of the night', () => {
  test('stands on the evening on which it was made, and its mail on the morning on which it was sent', async () => {
    const person = await evening('2026-03-20T21:00:00Z');
    const waiting = await ledger(person, '2026-03-20');
    expect(waiting.map(sentence)).toEqual([
      'An expense of $120.00 at Bistro was made on March 20, 2026 at 10:00 PM.',
      'Food reached 100% of its budget of $100.00, with $120.00 spent.',
      'A message was made of it.',
      'On March 20, 2026 at 10:00 PM spending reached 100% of this budget. It waits until March 21, 2026 at 8:00 AM, when your quiet hours end.',
      'Food: 120% of the monthly budget. App: sent on March 20, 2026 at 10:00 PM.',
    ]);
    await world.comes('2026-03-21T07:00:00Z');
    const told = await ledger(person, '2026-03-20');
    expect(told.map(line)).toEqual([
      '2026-03-20T21:00:00Z expense',
      '2026-03-20T21:00:00Z level',
      '2026-03-20T21:00:00Z decision notified',
      '2026-03-20T21:00:00Z notification sent',
      '2026-03-20T21:00:00Z delivery sent in-app',
    ]);
    expect(told[3]?.why).toMatch(/ It waited from then until March 21, 2026 at 8:00 AM, so as not to/);
    expect(await ledger(person, '2026-03-21')).toMatchObject([
      {
        at: '2026-03-21T07:00:00Z',
        kind: 'delivery',
        outcome: 'sent',
        channel: 'email',
        why: 'Food: 120% of the monthly budget. It had waited since March 20, 2026 at 10:00 PM. Email: sent on March 21, 2026 at 8:00 AM.',
      },
    ]);
  });

  test('says why it was not told where spending fell before the morning', async () => {
    const person = await evening('2026-03-22T21:00:00Z');
    await person.spend('-50.00');
    await world.comes('2026-03-23T07:00:00Z');
    const entries = await ledger(person, '2026-03-22');
    expect(entries.map(({ kind, outcome }) => `${kind} ${outcome}`)).toContain('notification cancelled');
    expect(entries.map(sentence)).toContain(
      'On March 22, 2026 at 10:00 PM spending reached 100% of this budget. It was not sent, because spending had fallen below the level again.',
    );
    expect(await ledger(person, '2026-03-23')).toEqual([]);
  });

  test('that is told with others stands with them in one message', async () => {
    const person = await evening('2026-03-24T21:00:00Z');
    await person.budget('100.00', { ...at100, name: 'Books', categoryId: 'books' });
    await person.spend('130.00', { category: 'books' });
    await world.comes('2026-03-25T07:00:00Z');
    const evenings = (await ledger(person, '2026-03-24')).filter(({ kind }) => kind === 'notification');
    expect(evenings.map(({ outcome }) => outcome)).toEqual(['merged', 'merged']);
    expect(evenings.map(({ why }) => why.replace(/^.*? budget\. /, ''))).toEqual(
      ['Books', 'Food'].map(
        (other) =>
          `It came in your quiet hours, so it was told later, in one message with others. Told with it: ${other}.`,
      ),
    );
    const mornings = await ledger(person, '2026-03-25');
    expect(mornings.map(line)).toEqual([
      '2026-03-25T07:00:00Z notification sent',
      '2026-03-25T07:00:00Z delivery sent in-app',
      '2026-03-25T07:00:00Z delivery sent email',
    ]);
    expect(mornings[0]?.why).toBe('Several messages were put into one on March 25, 2026 at 8:00 AM.');
  });
});

describe('the day on which clocks change', () => {
  test('has 23 hours: it ends an hour earlier', async () => {
    const person = await evening('2026-03-28T22:30:00Z');
    const saturday = await ledger(person, '2026-03-28');
    expect(saturday).toHaveLength(5);
    world.service.clock.moveTo(Temporal.Instant.from('2026-03-29T21:59:59Z'));
    await person.budget('10.00', { ...at100, name: 'Books', categoryId: 'books' });
    await person.spend('20.00', { category: 'books' });
    world.service.clock.moveTo(Temporal.Instant.from('2026-03-29T22:00:00Z'));
    await person.budget('10.00', { ...at100, name: 'Bus', categoryId: 'bus' });
    await person.spend('20.00', { category: 'bus' });
    const names = async (date: string) =>
      (await ledger(person, date)).filter(({ kind }) => kind === 'level').map(({ why }) => why.split(' ')[0]);
    expect(await names('2026-03-28')).toEqual(['Food']);
    expect(await names('2026-03-29')).toEqual(['Books']);
    expect(await names('2026-03-30')).toEqual(['Bus']);
  });
});

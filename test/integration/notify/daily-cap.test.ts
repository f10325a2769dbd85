/** The daily quota bounds interruptions, with any number of workers; capped notifications come in the digest. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../support/worlds/person.ts';
import { startService } from '../../support/servers/service.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

let world: NotificationWorld;
beforeAll(async () => {
  // A Tuesday.
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z', { queuePrefix: 'capped' });
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

const digest = '08:30';
const danger = { thresholds: [{ percent: 100, severity: 'danger' }], channels: ['in-app', 'email'] };
const critical = { ...danger, thresholds: [{ percent: 100, severity: 'critical' }] };

/** Overruns a new budget for this category alone. */
async function overrun(person: Person, category: string, rule: object = danger): Promise<void> {
  await person.budget('10.00', { ...rule, name: category, categoryId: category });
  await person.spend('12.00', { category });
}

const count = async (person: Person): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { status } of await person.notifications()) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

describe('the daily quota', () => {
  test('lets three of eight alerts and a critical ninth interrupt, and caps five for the digest', async () => {
    const person = await world.person();
    for (let number = 1; number <= 8; number += 1) await overrun(person, `c${number}`);
    expect(await count(person)).toEqual({ sent: 3, capped: 5 });
    expect(world.mailsTo(person)).toHaveLength(3);
    for (const { status, until, reason } of (await person.notifications()).slice(3))
      expect({ status, until, reason }).toEqual({
        status: 'capped',
        until: world.next(digest).toString(),
        reason: 'daily_cap',
      });
    await overrun(person, 'c9', critical);
    expect(await count(person)).toEqual({ sent: 4, capped: 5 });

    await world.comes(world.next(digest).subtract({ seconds: 1 }));
    expect(await count(person)).toEqual({ sent: 4, capped: 5 });
    await world.comes(digest);
    expect(await count(person)).toEqual({ sent: 5, merged: 5 });
    const notifications = await person.notifications();
    const summary = notifications.at(-1);
    expect(summary).toMatchObject({ type: 'daily_summary', status: 'sent' });
    expect(notifications.slice(3, 8).map(({ mergedInto }) => mergedInto)).toEqual(Array(5).fill(summary?.id));
    expect(summary?.title).toBe('Yesterday: $108.00; 5 budgets need a look');
    const sentences = summary?.message.match(/c\d: \$12\.00 of \$10\.00/g);
    expect(sentences?.map((text) => text.slice(0, 2))).toEqual(['c4', 'c5', 'c6', 'c7', 'c8']);
    expect(world.mailsTo(person).at(-1)?.subject).toBe(summary?.title);

    await overrun(person, 'c10');
    expect((await person.notifications()).at(-1)).toMatchObject({ status: 'sent' });
  });

  test('set by a rule is compared with all interruptions of the person', async () => {
    const person = await world.person();
    await overrun(person, 'c1', { ...danger, maxNotificationsPerDay: 1 });
    await overrun(person, 'c2', { ...danger, maxNotificationsPerDay: 1 });
    await overrun(person, 'c3', { ...danger, maxNotificationsPerDay: 2 });
    await overrun(person, 'c4', { ...danger, maxNotificationsPerDay: 2 });
    expect((await person.notifications()).map(({ status }) => status)).toEqual([
      'sent',
      'capped',
      'sent',
      'capped',
    ]);
  });

  test('starts again with the local day of the person', async () => {
    await world.comes('07:00');
    const person = await world.person({ timezone: 'America/Los_Angeles' });
    await person.prefers({ quietHours: { enabled: false } });
    for (const name of ['c1', 'c2', 'c3', 'c4']) await overrun(person, name);
    expect(await count(person)).toEqual({ sent: 3, capped: 1 });
    await world.comes('08:00');
    await overrun(person, 'c5');
    expect(await count(person)).toEqual({ sent: 4, capped: 1 });
  });
});

describe('a capped notification', () => {
  test('comes in a roll-up at the digest hour for a person without digests', async () => {
    const person = await world.person();
    await person.prefers({ digest: { daily: false } });
    for (const name of ['c1', 'c2', 'c3', 'c4', 'c5']) await overrun(person, name);
    await world.comes(digest);
    expect((await person.notifications()).at(-1)).toMatchObject({ type: 'roll_up', status: 'sent' });
    expect(await count(person)).toEqual({ sent: 4, merged: 2 });
    // The roll-up did not count against the quota, so three more may interrupt.
    for (const name of ['c6', 'c7', 'c8', 'c9']) await overrun(person, name);
    expect(await count(person)).toEqual({ sent: 7, merged: 2, capped: 1 });
  });

  test('comes in a roll-up on the next day for a person with weekly digests alone, and once a day', async () => {
    const person = await world.person();
    await person.prefers({ digest: { daily: false, weekly: true, at: '18:00' } });
    await world.comes('18:30');
    for (const name of ['c1', 'c2', 'c3', 'c4']) await overrun(person, name);
    const { until = '' } = (await person.notifications()).at(-1) ?? {};
    expect(until).toBe(world.next('18:00').toString());
    await world.comes(until);
    const rollUp = (await person.notifications()).at(-1);
    const day = Temporal.Instant.from(until).toZonedDateTimeISO('UTC');
    expect(rollUp).toMatchObject({
      type: day.dayOfWeek === 1 ? 'weekly_summary' : 'roll_up',
      status: 'sent',
    });
    for (const name of ['c5', 'c6', 'c7', 'c8']) await overrun(person, name);
    expect((await person.notifications()).at(-1)).toMatchObject({
      status: 'capped',
      until: Temporal.Instant.from(until).add({ hours: 24 }).toString(),
    });
  });

  test('comes in the weekly digest on its day', async () => {
    const person = await world.person();
    await person.prefers({ digest: { daily: false, weekly: true } });
    const now = world.service.clock.now().toZonedDateTimeISO('UTC');
    await world.comes(now.add({ days: (7 - now.dayOfWeek) % 7 }).toInstant());
    for (const name of ['c1', 'c2', 'c3', 'c4']) await overrun(person, name);
    await world.comes(digest);
    expect((await person.notifications()).at(-1)).toMatchObject({ type: 'weekly_summary', status: 'sent' });
    expect(await count(person)).toEqual({ sent: 4, merged: 1 });
  });

  test('comes in a digest that is deferred to the end of quiet hours', async () => {
    const person = await world.person();
    for (const name of ['c1', 'c2', 'c3', 'c4']) await overrun(person, name);
    await person.prefers({ quietHours: { end: '10:00' } });
    await world.comes(digest);
    const deferred = { type: 'daily_summary', status: 'deferred', until: world.next('10:00').toString() };
    expect((await person.notifications()).at(-1)).toMatchObject(deferred);
    expect(world.mailsTo(person)).toHaveLength(3);
    await world.comes('10:00');
    expect((await person.notifications()).at(-1)).toMatchObject({ type: 'daily_summary', status: 'sent' });
    expect(world.mailsTo(person)).toHaveLength(4);
  });

  test('comes at once when the digest hour is moved to one that has passed', async () => {
    const person = await world.person();
    for (const category of ['c1', 'c2', 'c3', 'c4']) await overrun(person, category);
    expect(await count(person)).toEqual({ sent: 3, capped: 1 });
    await world.comes('08:10');
    await person.prefers({ digest: { at: '08:00' } });
    await world.comes('08:11');
    expect(await count(person)).toEqual({ sent: 4, merged: 1 });
  });

  test('comes in at most one digest a day, however often the digest hour is moved', async () => {
    const person = await world.person();
    for (const name of ['c1', 'c2', 'c3', 'c4']) await overrun(person, name);
    await world.comes(digest);
    for (const name of ['c5', 'c6', 'c7', 'c8']) await overrun(person, name);
    await person.prefers({ digest: { at: '09:30' } });
    expect((await person.notifications()).at(-1)).toMatchObject({
      until: world.next('09:30').add({ hours: 24 }).toString(),
    });
    await world.comes('09:30');
    expect(await count(person)).toMatchObject({ capped: 1 });
    await world.comes('09:30');
    expect(await count(person)).toEqual({ sent: 8, merged: 2 });
  });

  test('is not needed for a summary, but a day without it and without spending sends nothing', async () => {
    const person = await world.person();
    await overrun(person, 'c1');
    await world.run('daily-summary');
    await world.comes(digest);
    const summary = { type: 'daily_summary', status: 'sent', title: 'Yesterday: $12.00' };
    expect((await person.notifications()).at(-1)).toMatchObject(summary);
    await world.comes(digest);
    expect(await count(person)).toEqual({ sent: 2 });
  });
});

describe('a hundred alerts at the same moment', () => {
  test('interrupt three times through four workers, if each is of an evaluation of its own', async () => {
    const person = await world.person();
    await person.spend('12.00');
    const others = await threeWorkers();
    // A rule is evaluated when it is made.
    for (const rule of hundred) await person.watches('10.00', rule);
    await world.service.settled();
    expect(await count(person)).toEqual({ sent: 3, capped: 97 });
    expect(world.mailsTo(person)).toHaveLength(3);
    await Promise.all(others.map((worker) => worker.stop()));
  });

  test('interrupt once through four workers, if one expense opens them', async () => {
    const person = await world.person();
    for (const rule of hundred) await person.watches('10.00', rule);
    const others = await threeWorkers();
    await person.spend('12.00');
    expect(await count(person)).toEqual({ merged: 100, sent: 1 });
    expect(world.mailsTo(person)).toHaveLength(1);
    await Promise.all(others.map((worker) => worker.stop()));
  });
});

const hundred = Array.from({ length: 100 }, (_, number) => ({ ...danger, name: `r${number}` }));

function threeWorkers() {
  const { databaseUrl, clock } = world.service;
  const options = { databaseUrl, clock, env: world.mailSettings, roles: ['worker'] as const };
  return Promise.all([1, 2, 3].map(() => startService({ ...options, queuePrefix: 'capped' })));
}

/** One person whose rows make a scheduled job fail holds up nobody else, and is tried again after an hour. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkWork } from '../../../src/cli/doctor/check-work.ts';
import type { Person } from '../../support/worlds/person.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z', { queuePrefix: 'aside' });
});
afterAll(() => world.end());
beforeEach(() => world.comes('21:00'));

const danger = { thresholds: [{ percent: 100, severity: 'danger' }], channels: ['in-app', 'email'] };

async function overrun(person: Person): Promise<void> {
  await person.budget('10.00', danger);
  await person.spend('12.00');
}

/** A zone that this runtime does not know, as a later version may have written it. */
const setZone = (person: Person, timezone: string) =>
  statement`update users set timezone = ${timezone} where id = ${person.userId}`.execute(world.service.sql);

const setAside = async (): Promise<object[]> => {
  const { rows } = await statement<object>`
    select job, user_id as "userId", error from set_aside where until > ${world.service.clock.now().toString()}
    order by job, user_id`.execute(world.service.sql);
  return rows;
};

const statusOf = async (person: Person): Promise<string[]> =>
  (await person.notifications()).map(({ status }) => status);

describe('a person with a time zone that is not known', () => {
  test('holds up neither the release of others nor their digests, and is told when it is mended', async () => {
    const people = [await world.person(), await world.person(), await world.person(), await world.person()];
    for (const person of people) await overrun(person);
    const [first, broken] = people;
    if (!first || !broken) throw new Error('there are four');
    expect(await statusOf(broken)).toEqual(['deferred']);
    await setZone(broken, 'Mars/Olympus');

    await world.comes('08:00');
    for (const person of people.filter((each) => each !== broken))
      expect(await statusOf(person)).toEqual(['sent']);
    const error = expect.stringContaining('time zone');
    expect(await setAside()).toContainEqual({ job: 'wake-deferred', userId: broken.userId, error });
    await world.comes('08:30');
    expect(world.mailsTo(first).at(-1)?.subject).toContain('Yesterday');
    expect(await setAside()).toContainEqual({ job: 'daily-summary', userId: broken.userId, error });
    const checks = await checkWork(world.service.services.db);
    expect(checks.find(({ name }) => name === 'set aside')).toMatchObject({ name: 'set aside' });

    await setZone(broken, 'UTC');
    await world.comes('08:59');
    expect(world.mailsTo(broken)).toHaveLength(0);
    await world.comes('09:31');
    expect(await statusOf(broken)).toEqual(['sent']);
    expect(world.mailsTo(broken)).toHaveLength(1);
    expect(await setAside()).toEqual([]);
  });
});

test('an alert of a person whose row is gone holds up nobody', async () => {
  const [gone, other] = [await world.person(), await world.person()];
  for (const person of [gone, other]) await overrun(person);
  await statement`delete from users where id = ${gone.userId}`.execute(world.service.sql);
  await world.comes('08:00');
  expect(await statusOf(other)).toEqual(['sent']);
  expect(await setAside()).toContainEqual({
    job: 'wake-deferred',
    userId: gone.userId,
    error: 'no such person is registered',
  });
});

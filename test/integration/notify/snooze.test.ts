/** A snooze defers notifications to its end, critical ones too, and follows every change of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z');
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

const at100 = (severity: string) => ({
  name: 'Food',
  thresholds: [{ percent: 100, severity }],
  channels: ['in-app', 'email'],
});
const at = (time: string): string => world.next(time).toString();
const states = async (person: Person) =>
  (await person.notifications()).map(({ type, status, reason, until }) => ({ type, status, reason, until }));
const deferred = (until: string, reason = 'snoozed') => ({
  type: 'budget_alert',
  status: 'deferred',
  reason,
  until,
});
const sent = { type: 'budget_alert', status: 'sent' };

/** Overruns a budget while the person is snoozed until this time. */
async function snoozedAlert(until: string, severity = 'danger') {
  const person = await world.person();
  await person.prefers({ snoozeUntil: until });
  const ruleId = await person.budget('100.00', at100(severity));
  await person.spend('120.00');
  return { person, ruleId };
}

describe('an alert of a snoozed person', () => {
  test.each(['info', 'critical'])('waits for the end of the snooze if it is %s', async (severity) => {
    const { person, ruleId } = await snoozedAlert(at('15:00'), severity);
    expect(await states(person)).toEqual([deferred(at('15:00'))]);
    expect(await person.story(ruleId)).toEqual(['100 snoozed']);
    expect((await person.notifications())[0]).toMatchObject({
      silent: true,
      deliveries: [{ channel: 'in-app', status: 'sent' }],
    });
    await world.comes(world.next('15:00').subtract({ seconds: 1 }));
    expect(world.mailsTo(person)).toEqual([]);
    await world.comes('15:00');
    expect(await states(person)).toEqual([sent]);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('waits longer when the snooze is lengthened, and goes out when it is shortened or lifted', async () => {
    const { person } = await snoozedAlert(at('13:00'));
    await person.prefers({ snoozeUntil: at('15:00') });
    expect(await states(person)).toEqual([deferred(at('15:00'))]);
    await world.comes('13:00');
    expect(world.mailsTo(person)).toEqual([]);
    await person.prefers({ snoozeUntil: at('14:00') });
    expect(await states(person)).toEqual([deferred(at('14:00'))]);
    await person.prefers({ snoozeUntil: null });
    await world.run('wake-deferred');
    expect(await states(person)).toEqual([sent]);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('waits for quiet hours that end after the snooze', async () => {
    const { person } = await snoozedAlert(at('22:00'));
    await world.comes('22:00');
    expect(await states(person)).toEqual([deferred(at('08:00'), 'quiet_hours')]);
    await person.prefers({ snoozeUntil: at('09:00') });
    expect(await states(person)).toEqual([deferred(at('09:00'))]);
    await person.prefers({ snoozeUntil: at('07:00') });
    expect(await states(person)).toEqual([deferred(at('08:00'), 'quiet_hours')]);
    await world.comes('08:00');
    expect(await states(person)).toEqual([sent]);
  });

  test('is released in quiet hours if it is critical and the snooze is lifted', async () => {
    const { person } = await snoozedAlert(world.next('08:00').add({ hours: 30 }).toString(), 'critical');
    await world.comes('23:00');
    await person.prefers({ snoozeUntil: null });
    await world.run('wake-deferred');
    expect(await states(person)).toEqual([sent]);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('is cancelled when its level is no longer reached at the end of the snooze', async () => {
    const { person } = await snoozedAlert(at('15:00'));
    await person.spend('-90.00');
    await world.comes('15:00');
    expect(await states(person)).toMatchObject([{ status: 'cancelled', reason: 'no_longer_reached' }]);
    expect(world.mailsTo(person)).toEqual([]);
  });

  test('goes out with others in one roll-up, which says why they waited', async () => {
    const { person } = await snoozedAlert(at('15:00'));
    await person.budget('10.00', { ...at100('warning'), name: 'All' });
    await world.comes('15:00');
    expect(await states(person)).toMatchObject([
      { status: 'merged', reason: 'snoozed' },
      { status: 'merged', reason: 'snoozed' },
      { type: 'roll_up', status: 'sent' },
    ]);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('stays in the app for good if its rule is muted', async () => {
    const person = await world.person();
    await person.prefers({ snoozeUntil: at('15:00') });
    await person.budget('100.00', { ...at100('danger'), notificationsEnabled: false });
    await person.spend('120.00');
    await world.comes('15:00');
    expect(await states(person)).toEqual([{ ...sent, reason: 'muted' }]);
    expect(world.mailsTo(person)).toEqual([]);
  });
});

test('an alert waits for the later end of its rule’s snooze and its person’s', async () => {
  const person = await world.person();
  await person.prefers({ snoozeUntil: at('14:00') });
  const ruleId = await person.budget('100.00', { ...at100('danger'), snoozeUntil: at('16:00') });
  await person.spend('120.00');
  expect(await states(person)).toEqual([deferred(at('16:00'))]);
  await person.change(ruleId, { snoozeUntil: null });
  expect(await states(person)).toEqual([deferred(at('14:00'))]);
  await world.comes('14:00');
  expect(world.mailsTo(person)).toHaveLength(1);
});

test('a snooze that begins in quiet hours holds back what they deferred', async () => {
  await world.comes('22:00');
  const person = await world.person();
  await person.budget('100.00', at100('danger'));
  await person.spend('120.00');
  expect(await states(person)).toEqual([deferred(at('08:00'), 'quiet_hours')]);
  await person.prefers({ snoozeUntil: world.next('08:00').add({ hours: 2 }).toString() });
  await world.comes('08:00');
  expect(await states(person)).toMatchObject([deferred(at('10:00'))]);
  expect(world.mailsTo(person)).toEqual([]);
});

/** Anomalies go through the interruption policy: in the app and by mail, with alerts in one message, and only while they hold. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rule } from '../../support/worlds/alerts/group-world.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';
import { profilesRebuilt } from '../../support/worlds/shopper.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T11:00:00Z', {
    queuePrefix: 'anomalies',
    env: { GROUP_WAIT_SECONDS: '30' },
  });
});
afterAll(() => world.end());
beforeEach(() => world.comes('12:00'));

/** Posts charges of one batch, and waits until they are judged. */
async function charge(person: Person, ...charges: { amount: string; merchant: string; id?: string }[]) {
  const time = world.service.clock.advance({ seconds: 10 }).toString();
  const events = charges.map(({ id = randomUUID(), ...facts }) => ({
    id: randomUUID(),
    type: 'expense.created',
    time,
    data: {
      expenseId: id,
      userId: person.userId,
      categoryId: 'food',
      currency: 'USD',
      spentAt: time,
      ...facts,
    },
  }));
  await world.service.post('/api/events', events);
  await settled();
}

async function settled(): Promise<void> {
  await world.service.settled();
  await profilesRebuilt(world.service.sql);
  await world.service.settled();
}

const pass = (seconds: number) => world.comes(world.service.clock.now().add({ seconds }));
const subjects = (person: Person) => world.mailsTo(person).map(({ subject }) => subject);
const ofType = async (person: Person, type: string) =>
  (await person.notifications()).filter((each) => each.type === type);
const twice = (merchant: string) => [
  { amount: '64.00', merchant },
  { amount: '64.00', merchant, id: `again-${merchant}` },
];

describe('an anomaly', () => {
  test('is in the app at once and one mail after the group wait', async () => {
    const person = await world.person();
    await charge(person, ...twice('Garage'));
    expect(await ofType(person, 'anomaly')).toMatchObject([{ status: 'pending', severity: 'warning' }]);
    expect(subjects(person)).toEqual([]);
    await pass(30);
    expect(await ofType(person, 'anomaly')).toMatchObject([
      {
        status: 'sent',
        deliveries: [
          { channel: 'in-app', status: 'sent' },
          { channel: 'email', status: 'sent' },
        ],
      },
    ]);
    expect(subjects(person)).toEqual(['Garage charged $64.00 twice']);
  });

  test('is one message with an alert that opens in the same wait', async () => {
    const person = await world.person();
    await person.budget('100.00', { name: 'food', categoryId: 'food', ...rule('danger') });
    await charge(person, ...twice('Grocer'));
    await pass(30);
    expect(subjects(person)).toEqual(['1 budget needs a look, 1 charge needs a look']);
    const [mail] = world.mailsTo(person);
    const text = await readFile(mail?.file ?? '', 'utf8');
    expect(text).toMatch(/Grocer charged \$64\.00 twice on/);
    const [rollUp] = await ofType(person, 'roll_up');
    expect(await ofType(person, 'anomaly')).toMatchObject([{ status: 'merged', mergedInto: rollUp?.id }]);
  });

  test('that waits is cancelled once the second charge is taken back', async () => {
    const person = await world.person();
    await charge(person, ...twice('Tavern'));
    const time = world.service.clock.advance({ seconds: 10 }).toString();
    const data = { expenseId: 'again-Tavern' };
    await world.service.post('/api/events', { id: randomUUID(), type: 'expense.deleted', time, data });
    await settled();
    await pass(30);
    expect(await ofType(person, 'anomaly')).toMatchObject([
      { status: 'cancelled', reason: 'no_longer_holds' },
    ]);
    expect(subjects(person)).toEqual([]);
  });

  test.each([
    ['a verdict', '/api/smart-alerts/anomalies', { verdict: 'expected' }],
    ['its type is switched off', '/api/smart-alerts/preferences', { anomalies: { duplicate_charge: false } }],
  ])('that waits is cancelled by %s', async (_name, path, body) => {
    const person = await world.person();
    await charge(person, ...twice(`Bistro ${Object.keys(body).join(' ')}`));
    const token = await world.service.token(person.userId);
    const { body: found } = await world.service.get('/api/smart-alerts/anomalies', token);
    const url = 'verdict' in body ? `${path}/${found.data[0].id}` : path;
    expect(await world.service.put(url, body, token)).toMatchObject({ status: 200 });
    await pass(30);
    expect(await ofType(person, 'anomaly')).toMatchObject([
      { status: 'cancelled', reason: 'no_longer_holds' },
    ]);
    expect(subjects(person)).toEqual([]);
  });

  test('beyond the quota of a day without rules is in the next digest', async () => {
    const person = await world.person();
    for (const merchant of ['North', 'East', 'South']) {
      await charge(person, ...twice(merchant));
      await pass(30);
    }
    expect(subjects(person)).toHaveLength(2);
    const latest = (await ofType(person, 'anomaly')).at(-1);
    expect(latest).toMatchObject({ status: 'capped', reason: 'daily_cap' });
    await world.comes('08:30');
    expect(subjects(person).at(-1)).toContain('1 charge needs a look');
  });

  test('waits for the end of quiet hours', async () => {
    const person = await world.person();
    await world.comes('21:00');
    await charge(person, ...twice('Night club'));
    await pass(60);
    expect(await ofType(person, 'anomaly')).toMatchObject([{ status: 'deferred', reason: 'quiet_hours' }]);
    expect(subjects(person)).toEqual([]);
    await world.comes('08:00');
    expect(subjects(person)).toEqual(['Night club charged $64.00 twice']);
  });
});

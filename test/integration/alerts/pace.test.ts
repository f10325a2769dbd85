/** Levels below 100 % go by pace, and forecast levels tell ahead of time, from real forecasts of real expenses. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evenSpending } from '../../support/worlds/alerts/even-spender.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';
import { profilesRebuilt, type Purchase, Shopper } from '../../support/worlds/shopper.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-27T09:00:00Z', { queuePrefix: 'pace' });
});
afterAll(() => world.end());

/** A person with eight months of even spending, until yesterday. */
async function spender(to = '2026-11-26'): Promise<{ person: Person; buys: Shopper['buys'] }> {
  const person = await world.person();
  const shopper = await Shopper.of(world.service, person.userId);
  await shopper.buys(...evenSpending(to));
  // Another rebuild may follow at once.
  world.service.clock.advance({ seconds: 6 });
  return { person, buys: (...purchases) => shopper.buys(...purchases) };
}

const food = (budgetAmount: string, others: object = {}): [string, object] => [
  budgetAmount,
  { name: 'Food', categoryId: 'food', channels: ['in-app', 'email'], ...others },
];
const lunch: Purchase = { on: '2026-11-27', amount: '20.00', category: 'food' };

const decisions = async (person: Person, ruleId: string): Promise<string[]> => {
  const path = `/api/smart-alerts/rules/${ruleId}/decisions`;
  const { body } = await world.service.get(path, await world.service.token(person.userId));
  return body.data
    .toReversed()
    .map(({ level, basis, outcome }: Record<string, string>) => `${basis} ${level} ${outcome}`);
};

const settled = async () => {
  await profilesRebuilt(world.service.sql);
  await world.service.settled();
};

describe('80 % of a budget near the end of the month', () => {
  test('stays in the app, as the budget will hold', async () => {
    const { person, buys } = await spender();
    const ruleId = await person.budget(...food('245.00'));
    await settled();
    await buys(lunch);
    expect(await decisions(person, ruleId)).toEqual(['actual 80 on_pace']);
    expect(await person.notifications()).toMatchObject([
      { type: 'budget_alert', level: 80, status: 'sent', reason: 'on_pace', silent: true },
    ]);
    expect(world.mailsTo(person)).toEqual([]);
  });

  test('is told to somebody who asked for every level', async () => {
    const { person, buys } = await spender();
    const ruleId = await person.budget(...food('245.00', { everyLevel: true }));
    await settled();
    await buys(lunch);
    expect(await decisions(person, ruleId)).toEqual(['actual 80 notified']);
    expect(world.mailsTo(person)).toHaveLength(1);
  });

  test('is told if nothing is known of earlier months', async () => {
    const person = await world.person();
    const ruleId = await person.budget(...food('24.00'));
    await person.spend('20.00', { category: 'food' });
    expect(await decisions(person, ruleId)).toEqual(['actual 80 notified']);
  });

  test('does not count as heard, so that 95 % is told by itself', async () => {
    const { person, buys } = await spender();
    const ruleId = await person.budget(...food('245.00'));
    await settled();
    await buys(lunch);
    await buys({ ...lunch, amount: '200.00' });
    expect((await decisions(person, ruleId)).at(-1)).toBe('actual 150 notified');
    expect(world.mailsTo(person)).toHaveLength(1);
  });
});

describe('a budget that will probably not do', () => {
  test('is told once, with the range, and resolves when spending reaches it', async () => {
    const { person, buys } = await spender();
    const ruleId = await person.budget(...food('195.00', { thresholds: levels }));
    await settled();
    expect(await decisions(person, ruleId)).toEqual(['forecast 100 notified']);
    const [told] = await person.notifications();
    expect(told).toMatchObject({ type: 'forecast', severity: 'warning', level: 100, status: 'sent' });
    expect(told?.title).toBe('Food will probably use up its budget');
    expect(told?.message).toBe(
      'Food: $180.00 of $195.00 spent, probably $200 to $220 by the end of the month.',
    );
    const [mail, ...others] = world.mailsTo(person);
    expect([mail?.subject, others]).toEqual(['Food will probably use up its budget', []]);
    expect(await readFile(mail?.file ?? '', 'utf8')).toMatch(/an alert for when it will probably reach 100%/);
    await buys(lunch);
    expect(await decisions(person, ruleId)).toEqual([
      'forecast 100 notified',
      'actual 100 notified',
      'forecast 100 resolved',
    ]);
  });

  test('is told again only after the budget was changed', async () => {
    const { person, buys } = await spender();
    const ruleId = await person.budget(...food('195.00', { thresholds: levels }));
    await settled();
    await buys({ ...lunch, amount: '-100.00' });
    await buys({ ...lunch, amount: '100.00' });
    const before = ['forecast 100 notified', 'forecast 100 resolved', 'forecast 100 deduplicated'];
    expect(await decisions(person, ruleId)).toEqual(before);
    world.service.clock.advance({ seconds: 6 });
    await person.change(ruleId, { budgetAmount: '300.00' });
    await settled();
    world.service.clock.advance({ seconds: 6 });
    await person.change(ruleId, { budgetAmount: '190.00' });
    await settled();
    expect(await decisions(person, ruleId)).toEqual([
      ...before,
      'forecast 100 resolved',
      'forecast 100 notified',
    ]);
  });

  test('is closed with another category', async () => {
    const { person } = await spender();
    const ruleId = await person.budget(...food('195.00', { thresholds: levels }));
    await settled();
    world.service.clock.advance({ seconds: 6 });
    await person.change(ruleId, { categoryId: 'fun' });
    await settled();
    expect((await decisions(person, ruleId)).at(-1)).toBe('forecast 100 rule_changed');
  });
});

const levels = [
  { percent: 100, severity: 'danger' },
  { percent: 100, severity: 'warning', basis: 'forecast' },
];

describe('a forecast that waited for the morning', () => {
  test('is withdrawn if the month will do by then', async () => {
    await world.comes('21:00');
    const { person, buys } = await spender('2026-11-26');
    await person.budget(...food('195.00', { thresholds: levels }));
    await settled();
    expect(await person.notifications()).toMatchObject([{ type: 'forecast', status: 'deferred' }]);
    await buys({ ...lunch, amount: '-100.00' });
    await world.comes('08:00');
    expect(await person.notifications()).toMatchObject([
      { status: 'cancelled', reason: 'no_longer_reached' },
    ]);
    expect(world.mailsTo(person)).toEqual([]);
  });
});

describe('the end of a month', () => {
  test('resolves its forecast, and no message says so', async () => {
    await world.comes('2026-11-28T09:00:00Z');
    const { person } = await spender();
    const ruleId = await person.budget(...food('195.00', { thresholds: levels }));
    await settled();
    await world.comes('2026-12-01T12:00:00Z');
    await world.run('refresh-profiles');
    await settled();
    expect(await decisions(person, ruleId)).toEqual(['forecast 100 notified', 'forecast 100 resolved']);
    expect(world.mailsTo(person).map(({ subject }) => subject)).toEqual([
      'Food will probably use up its budget',
    ]);
  });
});

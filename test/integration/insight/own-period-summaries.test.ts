/** Digests, the dashboard and the export show budgets from payday to payday and for a trip by their own days. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
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

const dayOf = (days: number): string =>
  world.service.clock.now().toZonedDateTimeISO('UTC').toPlainDate().add({ days }).toString();
const daysAgo = (days: number) => world.service.clock.now().subtract({ hours: 24 * days });
const get = async (person: Person, path: string) =>
  (await world.service.get(`/api/smart-alerts/${path}`, await world.service.token(person.userId))).body.data;

const named = (budgets: { ruleId: string; spent: string }[]) =>
  new Map(budgets.map(({ ruleId, spent }) => [ruleId, spent]));

test('a day shows the budgets whose periods hold it, with the spending of these periods', async () => {
  const person = await world.person();
  const trip = await person.budget('100.00', { period: { start: dayOf(-3), end: dayOf(2) } });
  const ahead = await person.budget('100.00', { period: { start: dayOf(1), end: dayOf(5) } });
  const fortnight = await person.budget('100.00', {
    period: { rrule: 'FREQ=WEEKLY;INTERVAL=2', start: dayOf(-1) },
  });
  for (const days of [4, 3, 2, 1]) await person.spend('10.00', { at: daysAgo(days) });
  const budgetsOn = async (day: string) => named((await get(person, `daily-summary?date=${day}`)).budgets);
  expect(await budgetsOn(dayOf(-4))).toEqual(new Map());
  expect(await budgetsOn(dayOf(-3))).toEqual(new Map([[trip, '10.00']]));
  expect(await budgetsOn(dayOf(-1))).toEqual(
    new Map([
      [trip, '30.00'],
      [fortnight, '10.00'],
    ]),
  );
  const { rules, activeAlerts } = await get(person, 'dashboard');
  expect(named(rules.map(({ id, spent }: { id: string; spent: string }) => ({ ruleId: id, spent })))).toEqual(
    new Map([
      [trip, '30.00'],
      [ahead, '0.00'],
      [fortnight, '10.00'],
    ]),
  );
  expect(activeAlerts).toEqual([]);
});

test('a digest names levels that late expenses reached in such a period, by its days', async () => {
  const person = await world.person();
  await person.prefers({});
  const start = dayOf(-22);
  const end = dayOf(-8);
  await person.budget('50.00', {
    name: 'Fortnight',
    period: { rrule: 'FREQ=WEEKLY;INTERVAL=2', start },
    channels: ['in-app', 'email'],
  });
  await person.spend('60.00', { at: daysAgo(10) });
  await world.comes('08:30');
  const [summary] = await summariesOf(world.service.sql, person);
  expect(summary?.figures?.late).toMatchObject({
    levels: [{ ruleName: 'Fortnight', periodKind: 'rrule', level: 100, period: { start, end } }],
  });
  const digest = (await person.notifications()).find(({ type }) => type === 'daily_summary');
  expect(digest?.message).toMatch(/Fortnight reached 100% \(October 20.*–.*November 2, 2026\)\./u);
});

test('an export shows such periods as the API takes them', async () => {
  const person = await world.person();
  const once = { start: dayOf(0), end: dayOf(9) };
  const recurring = { rrule: 'FREQ=WEEKLY', start: dayOf(0) };
  for (const period of [once, recurring, 'weekly']) await person.budget('50.00', { period });
  const { body } = await world.service.get(
    `/api/users/${person.userId}/export`,
    world.service.tenant.adminKey,
  );
  expect(body.rules.map(({ period }: { period: unknown }) => period)).toEqual([once, recurring, 'weekly']);
});

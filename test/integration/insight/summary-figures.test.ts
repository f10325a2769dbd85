/** The figures of a summary: exact in any currency, and from the latest state of the day's expenses. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SummaryFigures } from '../../../src/insight/decide/summary.ts';
import { Person } from '../../support/worlds/person.ts';
import { summariesOf } from '../../support/worlds/summaries.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

let world: NotificationWorld;
beforeAll(async () => {
  // A Tuesday.
  world = await NotificationWorld.begin('2026-11-10T12:00:00Z');
});
afterAll(() => world.end());

const noonBefore = (daysBefore: number): Temporal.Instant =>
  world.service.clock
    .now()
    .toZonedDateTimeISO('UTC')
    .subtract({ days: daysBefore })
    .withPlainTime('12:00')
    .toInstant();

async function someone(): Promise<Person> {
  const person = await world.person();
  await world.run('daily-summary');
  return person;
}

/** Moves to the next digest hour and reads the figures of the summary sent then. */
async function readFigures(person: Person): Promise<SummaryFigures> {
  await world.comes('08:30');
  const figures = (await summariesOf(world.service.sql, person)).at(-1)?.figures;
  if (!figures) throw new Error('there is no summary');
  return figures;
}

test('a summary has the day’s total, categories, payments and comparisons', async () => {
  await world.comes('12:00');
  const person = await someone();
  const { adminKey } = world.service.tenant;
  await world.service.put('/api/categories/food', { name: 'Food & drink' }, adminKey);
  await person.spends('30.00', { at: noonBefore(1) });
  await person.spends('40.00', { at: noonBefore(7) });
  await person.spends('230.00', { at: noonBefore(30) });
  await person.spends('999.00', { at: noonBefore(31) });
  for (const amount of ['10.00', '20.00', '30.00', '15.00']) await person.spends(amount);
  await person.spends('-5.00', { category: 'books' });
  await person.spend('20.00', { category: 'trains' });
  const figures = await readFigures(person);
  expect(figures).toMatchObject({
    currency: 'USD',
    totalMinor: '9000',
    transactionCount: 6,
    categories: [
      { categoryId: 'food', name: 'Food & drink', totalMinor: '7500', count: 4 },
      { categoryId: 'trains', name: null, totalMinor: '2000', count: 1 },
      { categoryId: 'books', name: null, totalMinor: '-500', count: 1 },
    ],
    alertsTriggered: 0,
    budgets: [],
    previousPct: 200,
    weeklyAveragePct: 800,
    monthlyAveragePct: 800,
    isUsualKnown: true,
    usual: null,
  });
  expect(figures.topTransactions.map(({ amountMinor }) => amountMinor)).toEqual(['3000', '2000', '2000']);
  const [summary] = (await person.notifications()).slice(-1);
  // Four days with spending are too few to know the usual one.
  expect(summary?.title).toBe('Yesterday: $90.00');
});

test('the three largest payments of a summary are ranked by their value in the tenant’s currency', async () => {
  await world.comes('12:00');
  const person = await someone();
  const date = noonBefore(1).toString().slice(0, 10);
  const rates = { date, base: 'USD', rates: { EUR: '0.5', JPY: '150' } };
  await world.service.put('/api/fx-rates', rates, world.service.tenant.adminKey);
  // An expense of the day before is not among the day's payments.
  await person.spends('100.00', { currency: 'EUR', at: noonBefore(1) });
  await person.spends('10.00', { expenseId: `${person.userId}-usd` });
  await person.spends('7.00', { expenseId: `${person.userId}-eur`, currency: 'EUR' });
  await person.spends('1000', { expenseId: `${person.userId}-jpy`, currency: 'JPY' });
  await person.spends('3.00', { expenseId: `${person.userId}-small` });
  // An expense without a rate is in none of the figures.
  await person.spends('500.00', { currency: 'CHF', category: 'watches' });
  await person.spend('-2.00', { currency: 'EUR', category: 'books' });
  const figures = await readFigures(person);
  // 1000 JPY are 6.666… USD.
  expect(figures).toMatchObject({ totalMinor: '2967', transactionCount: 5, previousPct: -85.2 });
  expect(figures.topTransactions.map(({ expenseId, amountMinor }) => [expenseId, amountMinor])).toEqual([
    [`${person.userId}-eur`, '1400'],
    [`${person.userId}-usd`, '1000'],
    [`${person.userId}-jpy`, '667'],
  ]);
  expect(figures.categories.map(({ categoryId }) => categoryId)).toEqual(['food', 'books']);
});

test('a summary has budgets as they were at the end of the day, and alerts notified on that day', async () => {
  await world.comes('12:00');
  const person = await someone();
  await person.prefers({ quietHours: { enabled: false } });
  const monthly = await person.budget('100.00', { name: 'Month', channels: ['in-app', 'email'] });
  const daily = await person.budget('10.00', { name: 'Day', period: 'daily', categoryId: 'food' });
  const off = await person.budget('10.00', { name: 'Off' });
  await person.disable(off);
  await person.budget('1.00', { name: 'Muted', categoryId: 'food', notificationsEnabled: false });
  await person.spend('12.00');
  await person.spend('84.00', { category: 'trains' });
  await world.comes('07:00');
  await person.spend('50.00');
  const figures = await readFigures(person);
  const whole = { currency: 'USD', unrated: 0 };
  expect(figures.budgets.toSpliced(0, 1)).toEqual([
    { ...whole, ruleId: daily, name: 'Day', spentMinor: '1200', budgetMinor: '1000', pct: 120 },
    { ...whole, ruleId: monthly, name: 'Month', spentMinor: '9600', budgetMinor: '10000', pct: 96 },
  ]);
  // The muted alert does not count, and the alert of the next morning belongs to the next day.
  expect(figures.alertsTriggered).toBe(2);
});

test('a summary says which budgets leave out expenses without an exchange rate', async () => {
  await world.comes('12:00');
  const person = await someone();
  await person.budget('100.00', { name: 'Month' });
  await person.budget('100.00', { name: 'Books', categoryId: 'books' });
  await person.spends('5.00', { currency: 'HUF', at: noonBefore(1) });
  await person.spends('7.00', { currency: 'HUF' });
  await person.spend('12.00', { category: 'books' });
  const figures = await readFigures(person);
  expect(figures).toMatchObject({ totalMinor: '1200', transactionCount: 1, unrated: 1 });
  expect(Object.fromEntries(figures.budgets.map(({ name, unrated }) => [name, unrated]))).toEqual({
    Books: 0,
    Month: 2,
  });
  const [summary] = (await person.notifications()).slice(-1);
  expect(summary?.message).toContain(
    '1 expense is left out, because no exchange rate is known for it. Budgets leave out expenses without an exchange rate: Month 2.',
  );
});

test('a summary counts the latest state of a changed or deleted expense', async () => {
  await world.comes('12:00');
  const person = await someone();
  const expenseId = await person.spends('5.00');
  const gone = await person.spends('50.00');
  await world.service.settled();
  world.service.clock.advance({ minutes: 1 });
  await person.spends('6.00', { expenseId });
  await world.service.post('/api/events', {
    id: `${gone}-deleted`,
    type: 'expense.deleted',
    time: world.service.clock.now().toString(),
    data: { expenseId: gone },
  });
  await world.service.settled();
  expect(await readFigures(person)).toMatchObject({ totalMinor: '600', transactionCount: 1 });
});

describe('a summary', () => {
  test('holds nothing of another person or tenant', async () => {
    await world.comes('12:00');
    const [one, other] = [await someone(), await someone()];
    const tenant = await world.service.anotherTenant();
    const stranger = await Person.arrives(world.service, tenant);
    await one.spends('1.00');
    await other.spends('20.00');
    await stranger.spend('300.00');
    expect(await readFigures(one)).toMatchObject({ totalMinor: '100', transactionCount: 1 });
  });
});

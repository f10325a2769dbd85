/** Recurring charges among a person's expenses: which are found, and how they stand. */
import { describe, expect, test } from 'vitest';
import type { Stream } from '../../../src/insight/decide/recurring.ts';
import { daysUntil, find, type Purchases } from '../../support/reference/recurring-purchases.ts';

const shownOf = ({ cadence, state, nextDay, amountMinor }: Stream) => ({
  cadence,
  state,
  nextDay,
  amountMinor: Number(amountMinor),
});

describe('a recurring charge', () => {
  test.each<{ it: string; purchases: Purchases; is: Partial<ReturnType<typeof shownOf>> }>([
    {
      it: 'rent on the 28th, moved from weekends to Mondays',
      purchases: {
        amount: 90_000,
        on: ['2026-05-28', '2026-06-29', '2026-07-28', '2026-08-28', '2026-09-28', '2026-10-28'],
      },
      is: { cadence: 'monthly', state: 'active', nextDay: '2026-11-28', amountMinor: 90_000 },
    },
    {
      it: 'a charge on the last days of months',
      purchases: {
        on: [
          '2026-01-31',
          '2026-02-28',
          '2026-03-31',
          '2026-04-30',
          '2026-05-31',
          '2026-06-30',
          '2026-07-31',
          '2026-08-31',
          '2026-09-30',
          '2026-10-31',
        ],
      },
      is: { cadence: 'monthly', state: 'active', nextDay: '2026-11-30' },
    },
    {
      it: 'yearly insurance that grows dearer, after two charges',
      purchases: {
        on: [
          ['2025-03-14', 64_000],
          ['2026-03-16', 67_200],
        ],
      },
      is: { cadence: 'yearly', state: 'active', nextDay: '2027-03-16', amountMinor: 67_200 },
    },
    {
      it: 'quarterly water, of amounts that drift',
      purchases: {
        on: [
          ['2026-01-05', 9100],
          ['2026-04-05', 9300],
          ['2026-07-05', 9200],
          ['2026-10-05', 9500],
        ],
      },
      is: { cadence: 'quarterly', state: 'active', nextDay: '2027-01-05' },
    },
    {
      it: 'a weekly class',
      purchases: { on: daysUntil('2026-11-05', 5, { days: 7 }) },
      is: { cadence: 'weekly', state: 'active', nextDay: '2026-11-12' },
    },
    {
      it: 'a box each fortnight',
      purchases: { on: daysUntil('2026-11-05', 5, { days: 14 }) },
      is: { cadence: 'fortnightly', state: 'active', nextDay: '2026-11-19' },
    },
    {
      it: 'a prepaid card of four weeks, by weeks and not by the calendar',
      purchases: { on: daysUntil('2026-11-02', 8, { days: 28 }) },
      is: { cadence: 'monthly', state: 'active', nextDay: '2026-11-30' },
    },
    {
      it: 'heating of any amount on regular days',
      purchases: {
        on: [
          ['2026-05-12', 4000],
          ['2026-06-11', 2500],
          ['2026-07-12', 2100],
          ['2026-08-12', 2300],
          ['2026-09-13', 3900],
          ['2026-10-12', 7800],
        ],
      },
      is: { cadence: 'monthly', state: 'active', nextDay: '2026-11-12', amountMinor: 3900 },
    },
    {
      it: 'a trial that turned into a subscription, at its price',
      purchases: {
        on: [
          ['2026-07-03', 100],
          ['2026-08-03', 999],
          ['2026-09-03', 999],
          ['2026-10-03', 999],
          ['2026-11-03', 999],
        ],
      },
      is: { cadence: 'monthly', state: 'active', nextDay: '2026-12-03', amountMinor: 999 },
    },
    {
      it: 'a subscription without the month that was missed',
      purchases: { on: ['2026-05-20', '2026-06-20', '2026-08-20', '2026-09-20', '2026-10-20'] },
      is: { cadence: 'monthly', state: 'active', nextDay: '2026-11-20' },
    },
    {
      it: 'a gym whose last charge did not come, as late',
      purchases: { on: daysUntil('2026-10-01', 6, { months: 1 }) },
      is: { cadence: 'monthly', state: 'late', nextDay: '2026-12-01' },
    },
    {
      it: 'a gym that was stopped, as ended',
      purchases: { on: daysUntil('2026-06-15', 8, { months: 1 }) },
      is: { cadence: 'monthly', state: 'ended', nextDay: null },
    },
    {
      it: 'a charge due yesterday, as still expected',
      purchases: { on: daysUntil('2026-10-09', 6, { months: 1 }) },
      is: { state: 'active', nextDay: '2026-11-09' },
    },
    {
      it: 'groceries delivered each Tuesday',
      purchases: {
        on: daysUntil('2026-11-03', 12, { days: 7 }).map((day, index) => [
          day,
          5000 + ((index * 977) % 3000),
        ]),
      },
      is: { cadence: 'weekly', state: 'active', nextDay: '2026-11-10' },
    },
  ])('is found: $it', ({ purchases, is }) => {
    const found = find(purchases);
    expect(found.map(shownOf)).toMatchObject([is]);
  });

  test.each<{ it: string; purchases: Purchases }>([
    {
      it: 'a weekly market, of any amount on any day',
      purchases: {
        on: [
          ['2026-08-01', 1510],
          ['2026-08-07', 2240],
          ['2026-08-16', 990],
          ['2026-08-21', 3105],
          ['2026-08-30', 1875],
          ['2026-09-04', 2760],
          ['2026-09-13', 1300],
          ['2026-09-19', 1950],
          ['2026-09-28', 3320],
          ['2026-10-03', 1120],
          ['2026-10-12', 2480],
          ['2026-10-17', 1690],
        ],
      },
    },
    {
      it: 'two coffees a week',
      purchases: {
        amount: 350,
        on: [
          '2026-08-03',
          '2026-08-06',
          '2026-08-11',
          '2026-08-12',
          '2026-08-18',
          '2026-08-21',
          '2026-08-24',
          '2026-08-28',
          '2026-09-01',
          '2026-09-05',
          '2026-09-07',
          '2026-09-12',
          '2026-09-14',
          '2026-09-18',
          '2026-09-24',
          '2026-09-25',
          '2026-09-30',
          '2026-10-02',
          '2026-10-08',
          '2026-10-10',
          '2026-10-13',
          '2026-10-17',
        ],
      },
    },
    { it: 'two purchases a month apart', purchases: { on: ['2026-09-10', '2026-10-10'] } },
    {
      it: 'three purchases of unlike amounts',
      purchases: {
        on: [
          ['2026-08-10', 1000],
          ['2026-09-10', 1500],
          ['2026-10-10', 1200],
        ],
      },
    },
    {
      it: 'a haircut at one price after five to seven weeks',
      purchases: {
        on: [
          '2026-03-02',
          '2026-04-07',
          '2026-05-26',
          '2026-07-01',
          '2026-08-19',
          '2026-09-23',
          '2026-11-04',
        ],
      },
    },
    {
      it: 'a charge that was refunded each time',
      purchases: {
        on: [
          '2026-08-05',
          ['2026-08-07', -1000],
          '2026-09-05',
          ['2026-09-06', -1000],
          '2026-10-05',
          ['2026-10-09', -1000],
        ],
      },
    },
  ])('is not found: $it', ({ purchases }) => {
    expect(find(purchases).map(shownOf)).toEqual([]);
  });

  test('ends with the last charge that was not refunded', () => {
    const [found] = find({ on: [...daysUntil('2026-10-20', 5, { months: 1 }), ['2026-10-22', -1000]] });
    expect(found).toMatchObject({
      lastDay: '2026-09-20',
      state: 'late',
      missedDay: '2026-10-20',
      occurrences: 4,
    });
  });

  test('has a double charge beside it, which counts once', () => {
    const [found, ...others] = find({
      on: [...daysUntil('2026-10-20', 5, { months: 1 }), '2026-10-21'].toSorted(),
    });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      occurrences: 5,
      doubled: { day: expect.stringMatching(/^2026-10-2[01]$/) },
    });
    expect(find({ on: daysUntil('2026-10-20', 5, { months: 1 }) })).toMatchObject([{ doubled: null }]);
  });

  test('names the day that was missed between two charges', () => {
    const on = ['2026-05-20', '2026-06-20', '2026-08-20', '2026-09-20', '2026-10-20'];
    expect(find({ on })).toMatchObject([{ missedDay: '2026-07-20', occurrences: 5 }]);
  });

  test('goes on after a pause, as one stream', () => {
    const on = [...daysUntil('2026-03-05', 4, { months: 1 }), ...daysUntil('2026-11-05', 4, { months: 1 })];
    expect(find({ on })).toMatchObject([
      { cadence: 'monthly', occurrences: 8, firstDay: '2025-12-05', state: 'active' },
    ]);
  });
});

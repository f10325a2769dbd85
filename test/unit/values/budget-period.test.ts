import { describe, expect, test } from 'vitest';
import {
  type BudgetPeriod,
  graceHours,
  isClosed,
  isOver,
  isSamePeriod,
  periodContaining,
  periodToShow,
  phaseOf,
} from '../../../src/values/period.ts';
import { beginningOf, modelOccurrences } from '../../support/reference/reference-calendar.ts';

const payday = { rrule: 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', start: '2026-01-30' };
const fortnight = { rrule: 'FREQ=WEEKLY;INTERVAL=2', start: '2026-10-16' };
const fourWeeks = { rrule: 'FREQ=WEEKLY;INTERVAL=4', start: '2026-01-05' };
const terms = { rrule: 'FREQ=YEARLY;BYMONTH=1,4,9;BYMONTHDAY=8', start: '2026-01-08' };
const fromSunday = { rrule: 'FREQ=WEEKLY;BYDAY=SU', start: '2026-01-04' };
const lastDays = { rrule: 'FREQ=MONTHLY;BYMONTHDAY=-1', start: '2027-12-31' };
const daily = { rrule: 'FREQ=DAILY', start: '2028-02-01' };
const trip = { start: '2028-02-27', end: '2028-03-02' };
const party = { start: '2026-12-31', end: '2027-01-01' };

describe('the period that holds a day', () => {
  test.each<[string, BudgetPeriod, string, [string, string] | null]>([
    ['payday, the day before one', payday, '2026-10-29', ['2026-09-30', '2026-10-30']],
    ['payday', payday, '2026-10-30', ['2026-10-30', '2026-11-30']],
    ['payday, at a weekend', payday, '2026-10-31', ['2026-10-30', '2026-11-30']],
    ['payday, its first', payday, '2026-01-30', ['2026-01-30', '2026-02-27']],
    ['payday, before its start', payday, '2026-01-29', null],
    ['payday, around the end of a year', payday, '2027-01-01', ['2026-12-31', '2027-01-29']],
    ['a fortnight', fortnight, '2026-10-29', ['2026-10-16', '2026-10-30']],
    ['the next fortnight', fortnight, '2026-10-30', ['2026-10-30', '2026-11-13']],
    ['a fortnight years on', fortnight, '2031-01-01', ['2030-12-20', '2031-01-03']],
    ['four weeks', fourWeeks, '2026-12-31', ['2026-12-07', '2027-01-04']],
    ['a spring term', terms, '2026-04-07', ['2026-01-08', '2026-04-08']],
    ['a summer term', terms, '2026-04-08', ['2026-04-08', '2026-09-08']],
    ['an autumn term', terms, '2027-01-07', ['2026-09-08', '2027-01-08']],
    ['a week from Sunday', fromSunday, '2026-11-07', ['2026-11-01', '2026-11-08']],
    ['last days of months', lastDays, '2028-02-28', ['2028-01-31', '2028-02-29']],
    ['the last day of February', lastDays, '2028-02-29', ['2028-02-29', '2028-03-31']],
    ['a day before a leap day', daily, '2028-02-28', ['2028-02-28', '2028-02-29']],
    ['a leap day', daily, '2028-02-29', ['2028-02-29', '2028-03-01']],
    ['a trip, the day before', trip, '2028-02-26', null],
    ['a trip, its first day', trip, '2028-02-27', ['2028-02-27', '2028-03-02']],
    ['a trip, its last day', trip, '2028-03-01', ['2028-02-27', '2028-03-02']],
    ['a trip, the day after', trip, '2028-03-02', null],
  ])('is for %s as the calendar says', (_about, period, day, expected) => {
    expect(periodContaining(period, day)).toEqual(expected && { start: expected[0], end: expected[1] });
  });

  test('follows on the one before without a gap, for each day of three years', () => {
    for (const period of [payday, fortnight, fourWeeks, terms, fromSunday, lastDays, daily]) {
      const days = modelOccurrences(period.rrule, period.start, '2030-12-31').filter(
        (day) => day < '2029-06-01',
      );
      for (const [index, start] of days.slice(0, -1).entries()) {
        const end = days[index + 1] ?? '';
        const lastDay = Temporal.PlainDate.from(end).subtract({ days: 1 }).toString();
        for (const day of [start, lastDay])
          expect({ period, day, found: periodContaining(period, day) }).toEqual({
            period,
            day,
            found: { start, end },
          });
      }
    }
  });

  test('is shown as the next ahead where there is none, and as the only one', () => {
    expect(periodToShow(payday, '2025-12-01')).toEqual({ start: '2026-01-30', end: '2026-02-27' });
    expect(periodToShow(payday, '2026-10-31')).toEqual({ start: '2026-10-30', end: '2026-11-30' });
    expect(periodToShow(trip, '2027-01-01')).toEqual(trip);
    expect(periodToShow(trip, '2029-01-01')).toEqual(trip);
    expect(periodToShow('monthly', '2026-11-22')).toEqual({ start: '2026-11-01', end: '2026-12-01' });
  });
});

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];

describe('the phase of a period', () => {
  // The clocks of Berlin and New York change within this period, and those of Lord Howe before and after it.
  test.each(zones)('begins and ends with local days in %s, whatever the clocks do', (zone) => {
    for (const [day, before, from] of [
      ['2026-10-30', 'future', 'current'],
      ['2026-11-30', 'current', 'past'],
    ] as const) {
      const period = { start: '2026-10-30', end: '2026-11-30' };
      const beginning = Temporal.Instant.fromEpochMilliseconds(beginningOf(day, zone));
      expect(phaseOf(payday, period, zone, beginning.subtract({ seconds: 1 }))).toBe(before);
      expect(phaseOf(payday, period, zone, beginning)).toBe(from);
    }
  });

  test.each(zones)('is past in %s for 72 hours after a trip, and for 12 after a single day', (zone) => {
    for (const [period, hours] of [
      [trip, 72],
      [party, 12],
    ] as const) {
      const end = Temporal.Instant.fromEpochMilliseconds(beginningOf(period.end, zone));
      const closing = end.add({ hours });
      expect(phaseOf(period, period, zone, closing.subtract({ seconds: 1 }))).toBe('past');
      expect(phaseOf(period, period, zone, closing)).toBe('closed');
      expect(isClosed(period, zone, closing.subtract({ seconds: 1 }))).toBe(false);
      expect(isClosed(period, zone, closing)).toBe(true);
    }
  });

  test('has a grace that goes by the length of the period', () => {
    expect(graceHours({ start: '2028-02-29', end: '2028-03-01' })).toBe(12);
    expect(graceHours({ start: '2028-02-28', end: '2028-03-01' })).toBe(72);
  });

  test('of periods that recur never closes them', () => {
    expect(isClosed(payday, 'UTC', Temporal.Instant.from('2099-01-01T00:00:00Z'))).toBe(false);
    expect(isOver(payday, '2099-01-01')).toBe(false);
    expect(isOver(trip, '2028-03-01')).toBe(false);
    expect(isOver(trip, '2028-03-02')).toBe(true);
  });
});

test('periods are the same by value, whatever the order of their members', () => {
  expect(isSamePeriod(payday, { start: payday.start, rrule: payday.rrule })).toBe(true);
  expect(isSamePeriod(payday, { ...payday, start: '2026-02-27' })).toBe(false);
  expect(isSamePeriod(trip, { ...trip })).toBe(true);
  expect(isSamePeriod(trip, { ...trip, end: '2028-03-03' })).toBe(false);
  expect(isSamePeriod('weekly', 'weekly')).toBe(true);
  expect(isSamePeriod('weekly', fortnight)).toBe(false);
});

import { describe, expect, test } from 'vitest';
import {
  graceHours,
  localDay,
  type PeriodKind,
  periodContaining,
  periodKinds,
  phaseOf,
  startOfDay,
} from '../../../src/values/period.ts';
import { beginningOf, dayIn, modelPeriod } from '../../support/reference/reference-calendar.ts';

const at = (text: string) => Temporal.Instant.from(text);

describe('the period that holds a day', () => {
  test.each<[PeriodKind, string, string, string]>([
    ['daily', '2026-11-10', '2026-11-10', '2026-11-11'],
    ['daily', '2026-12-31', '2026-12-31', '2027-01-01'],
    ['daily', '2028-02-28', '2028-02-28', '2028-02-29'],
    ['weekly', '2026-11-09', '2026-11-09', '2026-11-16'],
    ['weekly', '2026-11-15', '2026-11-09', '2026-11-16'],
    ['weekly', '2026-11-16', '2026-11-16', '2026-11-23'],
    ['weekly', '2027-01-01', '2026-12-28', '2027-01-04'],
    ['weekly', '2028-03-01', '2028-02-28', '2028-03-06'],
    ['monthly', '2026-11-30', '2026-11-01', '2026-12-01'],
    ['monthly', '2026-12-31', '2026-12-01', '2027-01-01'],
    ['monthly', '2028-02-29', '2028-02-01', '2028-03-01'],
    ['monthly', '2100-02-28', '2100-02-01', '2100-03-01'],
    ['quarterly', '2026-01-01', '2026-01-01', '2026-04-01'],
    ['quarterly', '2026-03-31', '2026-01-01', '2026-04-01'],
    ['quarterly', '2026-04-01', '2026-04-01', '2026-07-01'],
    ['quarterly', '2026-06-30', '2026-04-01', '2026-07-01'],
    ['quarterly', '2026-07-01', '2026-07-01', '2026-10-01'],
    ['quarterly', '2026-09-30', '2026-07-01', '2026-10-01'],
    ['quarterly', '2026-10-01', '2026-10-01', '2027-01-01'],
    ['quarterly', '2026-12-31', '2026-10-01', '2027-01-01'],
    ['yearly', '2026-01-01', '2026-01-01', '2027-01-01'],
    ['yearly', '2028-12-31', '2028-01-01', '2029-01-01'],
  ])('is, for the kind %s and the day %s, [%s, %s)', (kind, day, start, end) => {
    expect(periodContaining(kind, day)).toEqual({ start, end });
  });

  test('agrees with the reference calendar for every kind and every day of two years', () => {
    let day = Temporal.PlainDate.from('2027-06-01');
    for (; day.year < 2029; day = day.add({ days: 1 }))
      for (const kind of periodKinds)
        expect(periodContaining(kind, day.toString())).toEqual(modelPeriod(kind, day.toString()));
  });
});

describe('the local day', () => {
  test.each([
    ['2026-11-10T23:59:59.999999Z', 'UTC', '2026-11-10'],
    ['2026-11-10T12:00:00Z', 'Pacific/Kiritimati', '2026-11-11'],
    ['2026-11-10T10:59:59Z', 'Pacific/Pago_Pago', '2026-11-09'],
    ['2026-11-10T18:15:00Z', 'Asia/Kathmandu', '2026-11-11'],
    ['2026-11-10T18:14:59Z', 'Asia/Kathmandu', '2026-11-10'],
    // Berlin changes its clocks on 29 March and 25 October; each midnight is tried with the second before it.
    ['2026-03-28T22:59:59Z', 'Europe/Berlin', '2026-03-28'],
    ['2026-03-28T23:00:00Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T21:59:59Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T22:00:00Z', 'Europe/Berlin', '2026-03-30'],
    ['2026-10-24T22:00:00Z', 'Europe/Berlin', '2026-10-25'],
    ['2026-10-25T22:59:59Z', 'Europe/Berlin', '2026-10-25'],
    ['2026-10-25T23:00:00Z', 'Europe/Berlin', '2026-10-26'],
    // Samoa skipped 30 December 2011.
    ['2011-12-30T09:59:59Z', 'Pacific/Apia', '2011-12-29'],
    ['2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31'],
  ])('of %s in %s is %s', (instant, zone, day) => {
    expect(localDay(at(instant), zone)).toBe(day);
    expect(dayIn(zone, at(instant))).toBe(day);
  });
});

describe('the first instant of a day', () => {
  test.each([
    ['2026-11-10', 'UTC', '2026-11-10T00:00:00Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
    ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00Z'],
    ['2026-11-02', 'America/New_York', '2026-11-02T05:00:00Z'],
    // The clocks of Beirut and Santiago skip midnight.
    ['2026-03-29', 'Asia/Beirut', '2026-03-28T22:00:00Z'],
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00Z'],
    // Havana repeats the first hour; the day begins with the first of the two.
    ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00Z'],
  ])('on %s in %s is %s', (day, zone, instant) => {
    expect(startOfDay(day, zone).toString()).toBe(instant);
    expect(beginningOf(day, zone)).toBe(at(instant).epochMilliseconds);
  });
});

describe('the phase of a period', () => {
  test.each<[PeriodKind, string, string, string, string]>([
    ['monthly', '2026-11-05', 'UTC', '2026-10-31T23:59:59Z', 'future'],
    ['monthly', '2026-11-05', 'UTC', '2026-11-01T00:00:00Z', 'current'],
    ['monthly', '2026-11-05', 'UTC', '2026-11-30T23:59:59Z', 'current'],
    ['monthly', '2026-11-05', 'UTC', '2026-12-01T00:00:00Z', 'past'],
    ['monthly', '2026-11-05', 'UTC', '2026-12-03T23:59:59.999Z', 'past'],
    ['monthly', '2026-11-05', 'UTC', '2026-12-04T00:00:00Z', 'closed'],
    ['weekly', '2026-11-10', 'UTC', '2026-11-18T23:59:59Z', 'past'],
    ['weekly', '2026-11-10', 'UTC', '2026-11-19T00:00:00Z', 'closed'],
    ['yearly', '2026-11-10', 'UTC', '2027-01-03T23:59:59Z', 'past'],
    ['yearly', '2026-11-10', 'UTC', '2027-01-04T00:00:00Z', 'closed'],
    ['daily', '2026-11-10', 'UTC', '2026-11-11T11:59:59Z', 'past'],
    ['daily', '2026-11-10', 'UTC', '2026-11-11T12:00:00Z', 'closed'],
    // The borders of a period are midnights in the person's zone.
    ['daily', '2026-11-10', 'Asia/Tokyo', '2026-11-10T14:59:59Z', 'current'],
    ['daily', '2026-11-10', 'Asia/Tokyo', '2026-11-10T15:00:00Z', 'past'],
    ['daily', '2026-11-10', 'Asia/Tokyo', '2026-11-11T03:00:00Z', 'closed'],
    ['daily', '2026-11-10', 'America/Los_Angeles', '2026-11-10T07:59:59Z', 'future'],
    // The grace is 72 elapsed hours, also around a change of the clocks.
    ['weekly', '2026-03-20', 'Europe/Berlin', '2026-03-25T22:59:59Z', 'past'],
    ['weekly', '2026-03-20', 'Europe/Berlin', '2026-03-25T23:00:00Z', 'closed'],
    ['weekly', '2026-10-22', 'Europe/Berlin', '2026-10-28T22:59:59Z', 'past'],
    ['weekly', '2026-10-22', 'Europe/Berlin', '2026-10-28T23:00:00Z', 'closed'],
  ])('is, for the kind %s and the day %s in %s at %s, %s', (kind, day, zone, now, phase) => {
    expect(phaseOf(kind, periodContaining(kind, day), zone, at(now))).toBe(phase);
  });

  test('ends after a grace of twelve hours for a daily period and 72 for the others', () => {
    expect(periodKinds.map((kind) => [kind, graceHours(kind)])).toEqual([
      ['daily', 12],
      ['weekly', 72],
      ['monthly', 72],
      ['quarterly', 72],
      ['yearly', 72],
    ]);
  });
});

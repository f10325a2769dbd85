import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultDigest, nextDigest } from '../../../src/notify/decide/digest.ts';
import { nights } from '../../support/reference/change-nights.ts';
import { modelNextDigest } from '../../support/reference/reference-interruption.ts';
import type { DigestPreferences } from '../../../src/values/preferences.ts';

const at = (text: string) => Temporal.Instant.from(text);

/** The digest in a line, once both ways agree on it. */
function next(preferences: Partial<DigestPreferences>, zone: string, after: string, lastDay: string | null) {
  const wanted = { ...defaultDigest, ...preferences };
  const digest = nextDigest(wanted, zone, at(after), lastDay);
  expect({ ...digest, at: digest.at.epochMilliseconds }).toEqual(
    modelNextDigest(wanted, zone, at(after).epochMilliseconds, lastDay),
  );
  return `${digest.type} of ${digest.day} at ${digest.at.toString({ smallestUnit: 'minute' })}`;
}

const weekly = { daily: false, weekly: true };
const neither = { daily: false, weekly: false };

test('is daily at half past eight unless a person says otherwise', () => {
  expect(defaultDigest).toEqual({ daily: true, weekly: false, at: '08:30' });
});

type Case = [
  why: string,
  preferences: Partial<DigestPreferences>,
  after: string,
  lastDay: string | null,
  day: string,
];

describe('the next day with a digest', () => {
  test.each<Case>([
    ['just before its hour', {}, '2026-11-10T08:29:59.999Z', null, '2026-11-10'],
    ['at its hour: tomorrow', {}, '2026-11-10T08:30Z', null, '2026-11-11'],
    ['after its hour', {}, '2026-11-10T23:59:59Z', null, '2026-11-11'],
    ['made yesterday', {}, '2026-11-10T07:00Z', '2026-11-09', '2026-11-10'],
    ['made today already', {}, '2026-11-10T07:00Z', '2026-11-10', '2026-11-11'],
    ['made long ago', {}, '2026-11-10T09:00Z', '2020-02-29', '2026-11-11'],
    ['made of a day to come', {}, '2026-11-10T07:00Z', '2026-11-12', '2026-11-13'],
    ['at the end of the year', {}, '2026-12-31T08:30Z', '2026-12-31', '2027-01-01'],
    ['before a leap day', {}, '2028-02-28T09:00Z', '2028-02-28', '2028-02-29'],
    ['weekly too: the daily one is sooner', { weekly: true }, '2026-11-10T09:00Z', null, '2026-11-11'],
  ])('%s', (_why, preferences, after, lastDay, day) => {
    expect(next(preferences, 'UTC', after, lastDay)).toBe(`daily_summary of ${day} at ${day}T08:30Z`);
  });

  // 9 November 2026 is a Monday.
  test.each<Case>([
    ['on a Sunday', weekly, '2026-11-08T23:00Z', null, '2026-11-09'],
    ['on Monday morning', weekly, '2026-11-09T08:29:59Z', null, '2026-11-09'],
    ['at its hour: in a week', weekly, '2026-11-09T08:30Z', null, '2026-11-16'],
    ['on a Tuesday', weekly, '2026-11-10T00:00Z', null, '2026-11-16'],
    ['made on Saturday', weekly, '2026-11-08T23:00Z', '2026-11-07', '2026-11-09'],
    ['made on Sunday', weekly, '2026-11-08T23:00Z', '2026-11-08', '2026-11-09'],
    ['made this Monday', weekly, '2026-11-09T07:00Z', '2026-11-09', '2026-11-16'],
  ])('weekly, %s', (_why, preferences, after, lastDay, day) => {
    expect(next(preferences, 'UTC', after, lastDay)).toBe(`weekly_summary of ${day} at ${day}T08:30Z`);
  });

  test.each<Case>([
    ['before that hour', neither, '2026-11-10T07:00Z', null, '2026-11-10'],
    ['after it', neither, '2026-11-10T09:00Z', null, '2026-11-11'],
    ['made today', neither, '2026-11-10T07:00Z', '2026-11-10', '2026-11-11'],
  ])('neither, %s', (_why, preferences, after, lastDay, day) => {
    expect(next(preferences, 'UTC', after, lastDay)).toBe(`roll_up of ${day} at ${day}T08:30Z`);
  });

  test.each([
    ['18:07', '2026-11-10T18:06Z', '2026-11-10T18:07Z'],
    ['00:00', '2026-11-10T23:59Z', '2026-11-11T00:00Z'],
    ['23:59', '2026-12-31T23:59Z', '2027-01-01T23:59Z'],
  ])('at %s', (time, after, instant) => {
    expect(next({ at: time }, 'UTC', after, null)).toMatch(`at ${instant}`);
  });
});

describe('on its person’s clock', () => {
  const daily = (zone: string, time: string, after: string, lastDay: string | null = null) =>
    next({ at: time }, zone, after, lastDay).replace('daily_summary of ', '');

  test.each([
    ['Pacific/Kiritimati', '08:30', '2026-11-10T12:00Z', '2026-11-11 at 2026-11-10T18:30Z'],
    ['Pacific/Pago_Pago', '08:30', '2026-11-10T12:00Z', '2026-11-10 at 2026-11-10T19:30Z'],
    ['Asia/Kolkata', '08:30', '2026-03-29T02:59:59Z', '2026-03-29 at 2026-03-29T03:00Z'],
    // On 8 March and 1 November 2026: 02:00 to 03:00 is left out, 01:00 to 02:00 lived twice.
    ['America/New_York', '08:30', '2026-03-07T12:00Z', '2026-03-07 at 2026-03-07T13:30Z'],
    ['America/New_York', '08:30', '2026-03-07T13:30Z', '2026-03-08 at 2026-03-08T12:30Z'],
    ['America/New_York', '02:30', '2026-03-08T00:00Z', '2026-03-08 at 2026-03-08T07:30Z'],
    ['America/New_York', '02:30', '2026-03-08T07:00Z', '2026-03-08 at 2026-03-08T07:30Z'],
    ['America/New_York', '01:30', '2026-11-01T04:00Z', '2026-11-01 at 2026-11-01T05:30Z'],
    ['America/New_York', '01:30', '2026-11-01T05:30Z', '2026-11-02 at 2026-11-02T06:30Z'],
    // 29 March and 25 October: 01:00 to 02:00 is left out, and lived twice.
    ['Europe/London', '01:15', '2026-03-29T00:00Z', '2026-03-29 at 2026-03-29T01:15Z'],
    ['Europe/London', '01:15', '2026-10-24T23:00Z', '2026-10-25 at 2026-10-25T00:15Z'],
    ['Europe/London', '01:15', '2026-10-25T00:15Z', '2026-10-26 at 2026-10-26T01:15Z'],
    // 4 October and 5 April: 02:00 to 02:30 is left out, 01:30 to 02:00 lived twice.
    ['Australia/Lord_Howe', '02:15', '2026-10-03T15:00Z', '2026-10-04 at 2026-10-03T15:45Z'],
    ['Australia/Lord_Howe', '01:45', '2026-04-04T14:00Z', '2026-04-05 at 2026-04-04T14:45Z'],
    ['Australia/Lord_Howe', '01:45', '2026-04-04T15:00Z', '2026-04-06 at 2026-04-05T15:15Z'],
    // 8 March and 1 November: 00:00 to 01:00 is left out, and lived twice.
    ['America/Havana', '00:00', '2026-03-08T04:59Z', '2026-03-08 at 2026-03-08T05:00Z'],
    ['America/Havana', '00:30', '2026-03-08T05:00Z', '2026-03-08 at 2026-03-08T05:30Z'],
    ['America/Havana', '00:30', '2026-11-01T04:00Z', '2026-11-01 at 2026-11-01T04:30Z'],
    ['America/Havana', '00:30', '2026-11-01T04:45Z', '2026-11-02 at 2026-11-02T05:30Z'],
    // No 30 December 2011.
    ['Pacific/Apia', '08:30', '2011-12-29T18:29Z', '2011-12-29 at 2011-12-29T18:30Z'],
    ['Pacific/Apia', '08:30', '2011-12-29T18:30Z', '2011-12-31 at 2011-12-30T18:30Z'],
    // From 23:30 on 4 May 2018 to the next day's midnight: that evening's comes in the next day.
    ['Asia/Pyongyang', '23:45', '2018-05-04T12:00Z', '2018-05-04 at 2018-05-04T15:15Z'],
    ['Asia/Pyongyang', '23:45', '2018-05-04T15:10Z', '2018-05-04 at 2018-05-04T15:15Z'],
    ['Asia/Pyongyang', '23:45', '2018-05-04T15:15Z', '2018-05-05 at 2018-05-05T14:45Z'],
  ])('%s, %s, after %s: %s', (zone, time, after, digest) => {
    expect(daily(zone, time, after)).toBe(digest);
  });

  test('who moved west has none a second time on a day of the same date', () => {
    expect(daily('Pacific/Pago_Pago', '08:30', '2026-11-10T19:00Z', '2026-11-11')).toBe(
      '2026-11-12 at 2026-11-12T19:30Z',
    );
  });

  test('in a zone that is none there is no digest', () => {
    expect(() => nextDigest(defaultDigest, 'Mars/Olympus', at('2026-11-10T08:00:00Z'), null)).toThrow(
      RangeError,
    );
  });
});

const preferences = fc.constantFrom(
  { daily: true, weekly: false },
  { daily: true, weekly: true },
  { daily: false, weekly: true },
  { daily: false, weekly: false },
);
const lastDays = fc.option(fc.integer({ min: -8, max: 4 }), { freq: 2 });

test('whatever the night, the zone and the hour, it is the one found by living through the days', () => {
  fc.assert(
    fc.property(nights, preferences, lastDays, ({ timeZone, now, times: [time] }, kinds, daysOn) => {
      const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
      const lastDay = daysOn === null ? null : today.add({ days: daysOn }).toString();
      const wanted = { ...kinds, at: time };
      const digest = nextDigest(wanted, timeZone, now, lastDay);
      expect({ ...digest, at: digest.at.epochMilliseconds }).toEqual(
        modelNextDigest(wanted, timeZone, now.epochMilliseconds, lastDay),
      );
    }),
    { numRuns: 200 },
  );
});

test('one after another, each is later, of a later day, and none is left out', () => {
  fc.assert(
    fc.property(nights, ({ timeZone, now, times: [time] }) => {
      const wanted = { daily: true, weekly: false, at: time };
      let { at: last, day } = nextDigest(wanted, timeZone, now, null);
      for (let count = 0; count < 5; count++) {
        const digest = nextDigest(wanted, timeZone, last, day);
        expect(nextDigest(wanted, timeZone, now, day)).toEqual(digest);
        expect(nextDigest(wanted, timeZone, last, null)).toEqual(digest);
        expect(digest.day > day && Temporal.Instant.compare(digest.at, last) > 0).toBe(true);
        ({ at: last, day } = digest);
      }
    }),
  );
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dailyHours, defaultDigest, nextDigest } from '../../../src/notify/decide/digest.ts';
import { nights } from '../../support/reference/change-nights.ts';
import { modelCappedUntil, modelNextDigest } from '../../support/reference/reference-interruption.ts';
import type { DigestPreferences } from '../../../src/values/preferences.ts';

const at = (text: string) => Temporal.Instant.from(text);

/** Formats the next digest as one line, after checking it against the reference model. */
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

test('the default digest is daily at 08:30', () => {
  expect(defaultDigest).toEqual({ daily: true, weekly: false, at: '08:30' });
});

type Case = [
  why: string,
  preferences: Partial<DigestPreferences>,
  after: string,
  lastDay: string | null,
  day: string,
];

describe('the next digest', () => {
  test.each<Case>([
    ['just before its hour is due today', {}, '2026-11-10T08:29:59.999Z', null, '2026-11-10'],
    ['at its hour is due tomorrow', {}, '2026-11-10T08:30Z', null, '2026-11-11'],
    ['after its hour is due tomorrow', {}, '2026-11-10T23:59:59Z', null, '2026-11-11'],
    ['after one made yesterday is due today', {}, '2026-11-10T07:00Z', '2026-11-09', '2026-11-10'],
    ['after one made today is due tomorrow', {}, '2026-11-10T07:00Z', '2026-11-10', '2026-11-11'],
    [
      'after one made long ago is due tomorrow, not in between',
      {},
      '2026-11-10T09:00Z',
      '2020-02-29',
      '2026-11-11',
    ],
    [
      'after one made for a later day is due the day after that',
      {},
      '2026-11-10T07:00Z',
      '2026-11-12',
      '2026-11-13',
    ],
    ['at the end of the year is due on New Year’s Day', {}, '2026-12-31T08:30Z', '2026-12-31', '2027-01-01'],
    ['before a leap day is due on it', {}, '2028-02-28T09:00Z', '2028-02-28', '2028-02-29'],
    [
      'with a weekly one enabled too is the daily one if that is sooner',
      { weekly: true },
      '2026-11-10T09:00Z',
      null,
      '2026-11-11',
    ],
  ])('%s', (_why, preferences, after, lastDay, day) => {
    expect(next(preferences, 'UTC', after, lastDay)).toBe(`daily_summary of ${day} at ${day}T08:30Z`);
  });

  // 9 November 2026 is a Monday.
  test.each<Case>([
    ['on a Sunday is due the next day', weekly, '2026-11-08T23:00Z', null, '2026-11-09'],
    ['on Monday morning is due today', weekly, '2026-11-09T08:29:59Z', null, '2026-11-09'],
    ['on Monday at its hour is due in a week', weekly, '2026-11-09T08:30Z', null, '2026-11-16'],
    ['on a Tuesday is due the next Monday', weekly, '2026-11-10T00:00Z', null, '2026-11-16'],
    ['after one made on Saturday is due on Monday', weekly, '2026-11-08T23:00Z', '2026-11-07', '2026-11-09'],
    ['after one made on Sunday is due on Monday', weekly, '2026-11-08T23:00Z', '2026-11-08', '2026-11-09'],
    ['after one made this Monday is due in a week', weekly, '2026-11-09T07:00Z', '2026-11-09', '2026-11-16'],
  ])('of a person with weekly digests alone, %s', (_why, preferences, after, lastDay, day) => {
    expect(next(preferences, 'UTC', after, lastDay)).toBe(`weekly_summary of ${day} at ${day}T08:30Z`);
  });

  test.each<Case>([
    ['before the digest hour is due today', neither, '2026-11-10T07:00Z', null, '2026-11-10'],
    ['after the digest hour is due tomorrow', neither, '2026-11-10T09:00Z', null, '2026-11-11'],
    ['after one made today is due tomorrow', neither, '2026-11-10T07:00Z', '2026-11-10', '2026-11-11'],
  ])('of a person without digests, %s', (_why, preferences, after, lastDay, day) => {
    expect(next(preferences, 'UTC', after, lastDay)).toBe(`roll_up of ${day} at ${day}T08:30Z`);
  });

  test('that tells capped notifications is due on the next day for a person with weekly digests alone', () => {
    // A Monday, after its weekly digest.
    const after = at('2026-11-09T10:00:00Z');
    const digest = nextDigest(dailyHours({ ...defaultDigest, ...weekly }), 'UTC', after, '2026-11-09');
    expect(digest).toEqual({ type: 'roll_up', day: '2026-11-10', at: at('2026-11-10T08:30:00Z') });
  });

  test.each([
    ['18:07', '2026-11-10T18:06Z', '2026-11-10T18:07Z'],
    ['00:00', '2026-11-10T23:59Z', '2026-11-11T00:00Z'],
    ['23:59', '2026-12-31T23:59Z', '2027-01-01T23:59Z'],
  ])('at the hour %s, asked at %s, is due at %s', (time, after, instant) => {
    expect(next({ at: time }, 'UTC', after, null)).toMatch(`at ${instant}`);
  });
});

describe('the next digest on the person’s clock', () => {
  const daily = (zone: string, time: string, after: string, lastDay: string | null = null) =>
    next({ at: time }, zone, after, lastDay).replace('daily_summary of ', '');

  test.each([
    ['Pacific/Kiritimati', '08:30', '2026-11-10T12:00Z', '2026-11-11 at 2026-11-10T18:30Z'],
    ['Pacific/Pago_Pago', '08:30', '2026-11-10T12:00Z', '2026-11-10 at 2026-11-10T19:30Z'],
    ['Asia/Kolkata', '08:30', '2026-03-29T02:59:59Z', '2026-03-29 at 2026-03-29T03:00Z'],
    // 8 March 2026 skips 02:00 to 03:00; 1 November repeats 01:00 to 02:00.
    ['America/New_York', '08:30', '2026-03-07T12:00Z', '2026-03-07 at 2026-03-07T13:30Z'],
    ['America/New_York', '08:30', '2026-03-07T13:30Z', '2026-03-08 at 2026-03-08T12:30Z'],
    ['America/New_York', '02:30', '2026-03-08T00:00Z', '2026-03-08 at 2026-03-08T07:30Z'],
    ['America/New_York', '02:30', '2026-03-08T07:00Z', '2026-03-08 at 2026-03-08T07:30Z'],
    ['America/New_York', '01:30', '2026-11-01T04:00Z', '2026-11-01 at 2026-11-01T05:30Z'],
    ['America/New_York', '01:30', '2026-11-01T05:30Z', '2026-11-02 at 2026-11-02T06:30Z'],
    // 29 March skips 01:00 to 02:00; 25 October repeats it.
    ['Europe/London', '01:15', '2026-03-29T00:00Z', '2026-03-29 at 2026-03-29T01:15Z'],
    ['Europe/London', '01:15', '2026-10-24T23:00Z', '2026-10-25 at 2026-10-25T00:15Z'],
    ['Europe/London', '01:15', '2026-10-25T00:15Z', '2026-10-26 at 2026-10-26T01:15Z'],
    // 4 October skips 02:00 to 02:30; 5 April repeats 01:30 to 02:00.
    ['Australia/Lord_Howe', '02:15', '2026-10-03T15:00Z', '2026-10-04 at 2026-10-03T15:45Z'],
    ['Australia/Lord_Howe', '01:45', '2026-04-04T14:00Z', '2026-04-05 at 2026-04-04T14:45Z'],
    ['Australia/Lord_Howe', '01:45', '2026-04-04T15:00Z', '2026-04-06 at 2026-04-05T15:15Z'],
    // 8 March skips 00:00 to 01:00; 1 November repeats it.
    ['America/Havana', '00:00', '2026-03-08T04:59Z', '2026-03-08 at 2026-03-08T05:00Z'],
    ['America/Havana', '00:30', '2026-03-08T05:00Z', '2026-03-08 at 2026-03-08T05:30Z'],
    ['America/Havana', '00:30', '2026-11-01T04:00Z', '2026-11-01 at 2026-11-01T04:30Z'],
    ['America/Havana', '00:30', '2026-11-01T04:45Z', '2026-11-02 at 2026-11-02T05:30Z'],
    // Samoa skipped 30 December 2011.
    ['Pacific/Apia', '08:30', '2011-12-29T18:29Z', '2011-12-29 at 2011-12-29T18:30Z'],
    ['Pacific/Apia', '08:30', '2011-12-29T18:30Z', '2011-12-31 at 2011-12-30T18:30Z'],
    // Clocks leapt from 23:30 on 4 May 2018 to midnight; the digest of 23:45 comes 15 minutes after midnight.
    ['Asia/Pyongyang', '23:45', '2018-05-04T12:00Z', '2018-05-04 at 2018-05-04T15:15Z'],
    ['Asia/Pyongyang', '23:45', '2018-05-04T15:10Z', '2018-05-04 at 2018-05-04T15:15Z'],
    ['Asia/Pyongyang', '23:45', '2018-05-04T15:15Z', '2018-05-05 at 2018-05-05T14:45Z'],
  ])('in %s with hour %s, asked at %s, is of %s', (zone, time, after, digest) => {
    expect(daily(zone, time, after)).toBe(digest);
  });

  test('does not repeat a date for a person who moved west', () => {
    expect(daily('Pacific/Pago_Pago', '08:30', '2026-11-10T19:00Z', '2026-11-11')).toBe(
      '2026-11-12 at 2026-11-12T19:30Z',
    );
  });

  test('throws for an unknown time zone', () => {
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

test('the next digest agrees with the reference model in any night, zone and hour', () => {
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

test('the time of capped notifications agrees with the reference model, whatever digests the person has', () => {
  fc.assert(
    fc.property(nights, preferences, lastDays, ({ timeZone, now, times: [time] }, kinds, daysOn) => {
      const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
      const lastDay = daysOn === null ? null : today.add({ days: daysOn }).toString();
      const wanted = { ...kinds, at: time };
      const digest = nextDigest(dailyHours(wanted), timeZone, now, lastDay);
      expect({ ...digest, at: digest.at.epochMilliseconds }).toEqual(
        modelCappedUntil(wanted, timeZone, now.epochMilliseconds, lastDay),
      );
      const hours = lastDay === null ? now.until(digest.at).total('hours') : 0;
      expect(hours).toBeLessThan(50);
    }),
    { numRuns: 100 },
  );
});

test('successive daily digests are each later and of a later day, and none is left out', () => {
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

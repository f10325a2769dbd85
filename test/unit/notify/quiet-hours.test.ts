import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultQuietHours, quietUntil } from '../../../src/notify/decide/quiet-hours.ts';
import { nights } from '../../support/reference/change-nights.ts';
import { modelQuietUntil } from '../../support/reference/reference-interruption.ts';

const at = (text: string) => Temporal.Instant.from(text);

/** Computes the end of quiet hours, after checking it against the reference model. `window` is "20:00–08:00". */
function until(window: string, zone: string, now: string): string | null {
  const [start = '', end = ''] = window.split('–');
  const quietHours = { enabled: true, start, end, timezone: null };
  const found = quietUntil(quietHours, zone, at(now));
  const model = modelQuietUntil(quietHours, zone, at(now).epochMilliseconds);
  expect(found?.epochMilliseconds ?? null).toBe(model);
  return found?.toString() ?? null;
}

describe('quiet hours', () => {
  test.each<[string, string, string, string | null]>([
    ['over midnight, before it', '20:00–08:00', '2026-11-10T19:59:59.999999999Z', null],
    ['over midnight, as it begins', '20:00–08:00', '2026-11-10T20:00:00Z', '2026-11-11T08:00:00Z'],
    ['over midnight, in the evening', '20:00–08:00', '2026-11-10T23:59:59Z', '2026-11-11T08:00:00Z'],
    ['over midnight, at midnight', '20:00–08:00', '2026-11-11T00:00:00Z', '2026-11-11T08:00:00Z'],
    ['over midnight, to its last', '20:00–08:00', '2026-11-11T07:59:59.999999999Z', '2026-11-11T08:00:00Z'],
    ['over midnight, at its end', '20:00–08:00', '2026-11-11T08:00:00Z', null],
    ['over midnight, at noon', '20:00–08:00', '2026-11-11T12:00:00Z', null],
    ['over New Year', '20:00–08:00', '2026-12-31T22:00:00Z', '2027-01-01T08:00:00Z'],
    ['within a day, before it', '09:15–17:45', '2026-11-10T09:14:59.999Z', null],
    ['within a day, as it begins', '09:15–17:45', '2026-11-10T09:15:00Z', '2026-11-10T17:45:00Z'],
    ['within a day, to its last', '09:15–17:45', '2026-11-10T17:44:59.999Z', '2026-11-10T17:45:00Z'],
    ['within a day, at its end', '09:15–17:45', '2026-11-10T17:45:00Z', null],
    ['up to midnight, before it ends', '20:00–00:00', '2026-11-10T23:59:00Z', '2026-11-11T00:00:00Z'],
    ['up to midnight, at midnight', '20:00–00:00', '2026-11-11T00:00:00Z', null],
    ['from midnight, as it begins', '00:00–06:30', '2026-11-11T00:00:00Z', '2026-11-11T06:30:00Z'],
    ['from midnight, before it', '00:00–06:30', '2026-11-10T23:59:59Z', null],
    ['of one minute, in it', '12:00–12:01', '2026-11-10T12:00:59.9Z', '2026-11-10T12:01:00Z'],
    ['of one minute, after it', '12:00–12:01', '2026-11-10T12:01:00Z', null],
    ['of all but one minute, in it', '12:01–12:00', '2026-11-10T12:01:00Z', '2026-11-11T12:00:00Z'],
    ['of all but one minute, in that one', '12:01–12:00', '2026-11-10T12:00:59.9Z', null],
    ['that ends as it starts, then', '20:00–20:00', '2026-11-10T20:00:00Z', null],
    ['that ends as it starts, later', '20:00–20:00', '2026-11-11T02:00:00Z', null],
    ['of no length at midnight', '00:00–00:00', '2026-11-11T00:00:00Z', null],
  ])('%s: %s at %s end at %s', (_name, window, now, end) => {
    expect(until(window, 'UTC', now)).toBe(end);
  });

  test('default to 20:00 to 08:00 in the person’s time zone', () => {
    expect(defaultQuietHours).toEqual({ enabled: true, start: '20:00', end: '08:00', timezone: null });
    const found = quietUntil(defaultQuietHours, 'Asia/Tokyo', at('2026-11-10T11:00:00Z'));
    expect(found?.toString()).toBe('2026-11-10T23:00:00Z');
  });

  test('with a time zone of their own follow that zone', () => {
    const window = { ...defaultQuietHours, timezone: 'America/New_York' };
    expect(quietUntil(window, 'Asia/Tokyo', at('2026-11-10T11:00:00Z'))?.toString()).toBe(
      '2026-11-10T13:00:00Z',
    );
    expect(quietUntil(window, 'Asia/Tokyo', at('2026-11-10T14:00:00Z'))).toBeNull();
  });

  test('that are switched off are never in force', () => {
    const window = { ...defaultQuietHours, enabled: false };
    expect(quietUntil(window, 'UTC', at('2026-11-10T23:00:00Z'))).toBeNull();
  });

  test('in an unknown time zone throw', () => {
    expect(() => quietUntil(defaultQuietHours, 'Mars/Olympus', at('2026-11-10T23:00:00Z'))).toThrow(
      RangeError,
    );
  });
});

type Night = [why: string, window: string, now: string, end: string | null];

describe('quiet hours in New York', () => {
  // Clocks go 8 March, 07:00Z, from 02:00 (-5) to 03:00 (-4); 1 November, 06:00Z, from 02:00 (-4) to 01:00 (-5).
  test.each<Night>([
    ['spring: a night of eleven hours', '20:00–08:00', '2026-03-08T01:00:00Z', '2026-03-08T12:00:00Z'],
    ['the night before: twelve', '20:00–08:00', '2026-03-07T01:00:00Z', '2026-03-07T13:00:00Z'],
    ['spring: the end is skipped', '22:00–02:30', '2026-03-08T05:00:00Z', '2026-03-08T07:00:00Z'],
    ['spring: an end where the gap begins', '22:00–02:00', '2026-03-08T05:00:00Z', '2026-03-08T07:00:00Z'],
    ['spring: an end where the gap ends', '22:00–03:00', '2026-03-08T05:00:00Z', '2026-03-08T07:00:00Z'],
    ['spring: an end after the gap', '22:00–03:30', '2026-03-08T05:00:00Z', '2026-03-08T07:30:00Z'],
    ['spring: the start is skipped, before', '02:30–05:00', '2026-03-08T06:59:59Z', null],
    ['spring: the start is skipped, after', '02:30–05:00', '2026-03-08T07:00:00Z', '2026-03-08T09:00:00Z'],
    ['spring: all of it is skipped, before', '02:00–03:00', '2026-03-08T06:59:59Z', null],
    ['spring: all of it is skipped, after', '02:00–03:00', '2026-03-08T07:00:00Z', null],
    ['the same the night before', '02:00–03:00', '2026-03-07T07:00:00Z', '2026-03-07T08:00:00Z'],
    [
      'spring: the only hour without quiet is skipped',
      '03:00–02:00',
      '2026-03-08T05:00:00Z',
      '2026-03-09T06:00:00Z',
    ],
    ['autumn: a night of thirteen hours', '20:00–08:00', '2026-11-01T00:00:00Z', '2026-11-01T13:00:00Z'],
    [
      'autumn: an end that comes twice, before',
      '22:00–01:30',
      '2026-11-01T04:00:00Z',
      '2026-11-01T05:30:00Z',
    ],
    ['autumn: after the first of them', '22:00–01:30', '2026-11-01T05:30:00Z', null],
    ['autumn: up to the change', '22:00–01:30', '2026-11-01T05:59:59Z', null],
    ['autumn: quiet again after the change', '22:00–01:30', '2026-11-01T06:00:00Z', '2026-11-01T06:30:00Z'],
    ['autumn: an end at the change', '22:00–02:00', '2026-11-01T04:00:00Z', '2026-11-01T07:00:00Z'],
    [
      'autumn: an end that clocks go back to, before',
      '22:00–01:00',
      '2026-11-01T04:00:00Z',
      '2026-11-01T05:00:00Z',
    ],
    ['autumn: an end that clocks go back to, after', '22:00–01:00', '2026-11-01T06:00:00Z', null],
    ['autumn: a start that comes twice', '01:30–08:00', '2026-11-01T05:30:00Z', '2026-11-01T06:00:00Z'],
    ['autumn: between the two', '01:30–08:00', '2026-11-01T06:29:59Z', null],
    ['autumn: the second of them', '01:30–08:00', '2026-11-01T06:30:00Z', '2026-11-01T13:00:00Z'],
    ['autumn: all of it, the first time', '01:15–01:45', '2026-11-01T05:20:00Z', '2026-11-01T05:45:00Z'],
    ['autumn: in between', '01:15–01:45', '2026-11-01T05:50:00Z', null],
    ['autumn: all of it, the second time', '01:15–01:45', '2026-11-01T06:20:00Z', '2026-11-01T06:45:00Z'],
    ['autumn: two hours without quiet', '02:00–01:00', '2026-11-01T06:30:00Z', null],
    ['autumn: after them', '02:00–01:00', '2026-11-01T07:00:00Z', '2026-11-02T06:00:00Z'],
  ])('%s: %s at %s end at %s', (_why, window, now, end) => {
    expect(until(window, 'America/New_York', now)).toBe(end);
  });
});

describe('quiet hours in London', () => {
  // Clocks go 29 March, 01:00Z, from 01:00 (+0) to 02:00 (+1); 25 October, 01:00Z, from 02:00 (+1) to 01:00 (+0).
  test.each<Night>([
    ['spring', '20:00–08:00', '2026-03-28T20:00:00Z', '2026-03-29T07:00:00Z'],
    ['autumn', '20:00–08:00', '2026-10-24T19:00:00Z', '2026-10-25T08:00:00Z'],
    ['spring: the end is skipped', '23:00–01:30', '2026-03-29T00:30:00Z', '2026-03-29T01:00:00Z'],
    ['autumn: the end, the first time', '23:00–01:30', '2026-10-25T00:00:00Z', '2026-10-25T00:30:00Z'],
    ['autumn: in between', '23:00–01:30', '2026-10-25T00:45:00Z', null],
    ['autumn: the end, the second time', '23:00–01:30', '2026-10-25T01:00:00Z', '2026-10-25T01:30:00Z'],
    ['autumn: an end at the change', '23:00–02:00', '2026-10-24T23:00:00Z', '2026-10-25T02:00:00Z'],
  ])('%s: %s at %s end at %s', (_why, window, now, end) => {
    expect(until(window, 'Europe/London', now)).toBe(end);
  });
});

describe('quiet hours on Lord Howe Island', () => {
  // Clocks go 3 October, 15:30Z, from 02:00 (+10:30) to 02:30 (+11); 4 April, 15:00Z, from 02:00 (+11) to 01:30.
  test.each<Night>([
    ['spring', '20:00–08:00', '2026-10-03T09:30:00Z', '2026-10-03T21:00:00Z'],
    ['autumn', '20:00–08:00', '2026-04-04T09:00:00Z', '2026-04-04T21:30:00Z'],
    ['spring: the end is skipped', '22:00–02:15', '2026-10-03T15:00:00Z', '2026-10-03T15:30:00Z'],
    ['spring: an end after the gap', '22:00–02:45', '2026-10-03T15:00:00Z', '2026-10-03T15:45:00Z'],
    ['autumn: the end, the first time', '22:00–01:45', '2026-04-04T14:30:00Z', '2026-04-04T14:45:00Z'],
    ['autumn: in between', '22:00–01:45', '2026-04-04T14:50:00Z', null],
    ['autumn: the end, the second time', '22:00–01:45', '2026-04-04T15:00:00Z', '2026-04-04T15:15:00Z'],
    ['autumn: an end at the change', '22:00–02:00', '2026-04-04T14:30:00Z', '2026-04-04T15:30:00Z'],
  ])('%s: %s at %s end at %s', (_why, window, now, end) => {
    expect(until(window, 'Australia/Lord_Howe', now)).toBe(end);
  });
});

describe('quiet hours in Havana', () => {
  // Clocks go 8 March, 05:00Z, from 00:00 (-5) to 01:00 (-4); 1 November, 05:00Z, from 01:00 (-4) to 00:00 (-5).
  test.each<Night>([
    ['spring', '20:00–08:00', '2026-03-08T01:00:00Z', '2026-03-08T12:00:00Z'],
    ['autumn', '20:00–08:00', '2026-11-01T00:00:00Z', '2026-11-01T13:00:00Z'],
    ['spring: a midnight that is skipped', '20:00–00:00', '2026-03-08T04:00:00Z', '2026-03-08T05:00:00Z'],
    ['spring: an end that is skipped', '20:00–00:30', '2026-03-08T04:00:00Z', '2026-03-08T05:00:00Z'],
    ['spring: all of it is skipped, before', '00:00–01:00', '2026-03-08T04:59:59Z', null],
    ['spring: all of it is skipped, after', '00:00–01:00', '2026-03-08T05:00:00Z', null],
    ['spring: a start that is skipped', '00:30–06:00', '2026-03-08T05:00:00Z', '2026-03-08T10:00:00Z'],
    ['autumn: the end, the first time', '20:00–00:30', '2026-11-01T03:00:00Z', '2026-11-01T04:30:00Z'],
    ['autumn: in between', '20:00–00:30', '2026-11-01T04:45:00Z', null],
    ['autumn: the end, the second time', '20:00–00:30', '2026-11-01T05:00:00Z', '2026-11-01T05:30:00Z'],
    ['autumn: an end at the change', '20:00–01:00', '2026-11-01T03:00:00Z', '2026-11-01T06:00:00Z'],
    [
      'autumn: a midnight that comes twice, before',
      '20:00–00:00',
      '2026-11-01T03:00:00Z',
      '2026-11-01T04:00:00Z',
    ],
    ['autumn: a midnight that comes twice, after', '20:00–00:00', '2026-11-01T05:00:00Z', null],
  ])('%s: %s at %s end at %s', (_why, window, now, end) => {
    expect(until(window, 'America/Havana', now)).toBe(end);
  });
});

describe('quiet hours in other zones', () => {
  test.each<[string, ...Night]>([
    ['Asia/Kolkata', 'without clock changes', '20:00–08:00', '2026-03-28T14:30:00Z', '2026-03-29T02:30:00Z'],
    ['Asia/Kolkata', 'just before the start', '20:00–08:00', '2026-03-28T14:29:59.999Z', null],
    ['UTC', 'without clock changes', '20:00–08:00', '2026-03-28T20:00:00Z', '2026-03-29T08:00:00Z'],
    // In Irish law standard time is summer time, so winter has the offset with a change.
    ['Europe/Dublin', 'spring', '20:00–08:00', '2026-03-28T20:00:00Z', '2026-03-29T07:00:00Z'],
    ['Europe/Dublin', 'autumn', '20:00–08:00', '2026-10-24T19:00:00Z', '2026-10-25T08:00:00Z'],
    // Morocco goes back an hour for Ramadan: on 15 February at 02:00Z until 22 March at 02:00Z.
    ['Africa/Casablanca', 'Ramadan', '20:00–08:00', '2026-02-14T19:00:00Z', '2026-02-15T08:00:00Z'],
    ['Africa/Casablanca', 'its first 02:30', '22:00–02:30', '2026-02-15T01:00:00Z', '2026-02-15T01:30:00Z'],
    ['Africa/Casablanca', 'its second 02:30', '22:00–02:30', '2026-02-15T02:00:00Z', '2026-02-15T02:30:00Z'],
    ['Africa/Casablanca', 'its end', '22:00–02:30', '2026-03-22T01:00:00Z', '2026-03-22T02:00:00Z'],
    // Troll changes by two hours on 29 March and 25 October at 01:00Z.
    ['Antarctica/Troll', 'spring', '22:00–02:00', '2026-03-29T00:30:00Z', '2026-03-29T01:00:00Z'],
    ['Antarctica/Troll', 'its first 02:30', '22:00–02:30', '2026-10-25T00:00:00Z', '2026-10-25T00:30:00Z'],
    ['Antarctica/Troll', 'its second 02:30', '22:00–02:30', '2026-10-25T01:00:00Z', '2026-10-25T02:30:00Z'],
    // Samoa went from 29 to 31 December 2011 at 10:00Z, and from -10 to +14.
    ['Pacific/Apia', 'a skipped day', '20:00–08:00', '2011-12-30T06:00:00Z', '2011-12-30T18:00:00Z'],
    ['Pacific/Apia', 'a skipped window', '08:00–20:00', '2011-12-30T09:59:59Z', null],
  ])('%s, %s: %s at %s end at %s', (zone, _why, window, now, end) => {
    expect(until(window, zone, now)).toBe(end);
  });
});

test('quiet hours end as in the reference model, in any night, zone and window', () => {
  fc.assert(
    fc.property(nights, fc.boolean(), ({ timeZone, now, times: [start, end] }, isOwn) => {
      const window = { enabled: true, start, end, timezone: isOwn ? timeZone : null };
      const found = quietUntil(window, isOwn ? 'Asia/Kolkata' : timeZone, now);
      expect(found?.epochMilliseconds ?? null).toBe(modelQuietUntil(window, timeZone, now.epochMilliseconds));
    }),
    { numRuns: 1000 },
  );
});

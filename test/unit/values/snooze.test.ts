import { describe, expect, test } from 'vitest';
import type { PeriodKind } from '../../../src/values/period.ts';
import {
  parseRuleSnooze,
  parseSnooze,
  ruleSnoozeInstant,
  snoozeInstant,
  stillAhead,
} from '../../../src/values/snooze.ts';

const noon = Temporal.Instant.from('2026-11-10T12:00:00Z');

/** Returns the end of a snooze that a person in `timeZone` asks for on 10 November, 12:00 UTC. */
const until = (text: string, timeZone = 'UTC'): string | null | undefined => {
  const snooze = parseSnooze(text);
  return snooze ? (snoozeInstant(snooze, { timeZone, now: noon })?.toString() ?? null) : undefined;
};

const untilPeriodEnd = (period: PeriodKind, timeZone: string): string | undefined =>
  ruleSnoozeInstant('period_end', period, { timeZone, now: noon })?.toString();

describe('a snooze ends', () => {
  test.each([
    ['at the named instant', '2026-11-10T12:00:01Z', 'UTC', '2026-11-10T12:00:01Z'],
    ['at an instant with a UTC offset', '2026-11-11T08:00:00+01:00', 'Asia/Tokyo', '2026-11-11T07:00:00Z'],
    ['at the last second of the year 9999', '9999-12-31T23:59:59Z', 'UTC', '9999-12-31T23:59:59Z'],
    ['as a local day begins, for a person in UTC', '2026-11-11', 'UTC', '2026-11-11T00:00:00Z'],
    [
      'as a local day begins, for a person elsewhere',
      '2026-11-11',
      'America/New_York',
      '2026-11-11T05:00:00Z',
    ],
    ['never, for a day that has begun in the person’s zone', '2026-11-11', 'Pacific/Kiritimati', null],
    [
      'as a local day begins at 01:00, where clocks skip midnight',
      '2027-03-14',
      'America/Havana',
      '2027-03-14T05:00:00Z',
    ],
    ['never, at the present instant', '2026-11-10T12:00:00Z', 'UTC', null],
    ['never, at an instant before now', '2026-11-10T11:59:59Z', 'UTC', null],
    ['never, for the present day', '2026-11-10', 'UTC', null],
    ['never, in the year 0', '0000-01-01', 'UTC', null],
  ])('%s: %s in %s', (_when, text, timeZone, wanted) => {
    expect(until(text, timeZone)).toBe(wanted);
  });

  test.each<[PeriodKind, string, string]>([
    ['daily', 'UTC', '2026-11-11T00:00:00Z'],
    ['daily', 'Pacific/Kiritimati', '2026-11-11T10:00:00Z'],
    ['weekly', 'UTC', '2026-11-16T00:00:00Z'],
    ['monthly', 'Europe/Berlin', '2026-11-30T23:00:00Z'],
    ['quarterly', 'UTC', '2027-01-01T00:00:00Z'],
    ['yearly', 'America/New_York', '2027-01-01T05:00:00Z'],
  ])('with the %s period of a person in %s', (period, timeZone, wanted) => {
    expect(untilPeriodEnd(period, timeZone)).toBe(wanted);
  });
});

test.each([
  '',
  'tomorrow',
  '2026-11-31',
  '2026-11-1',
  '2026-11-11T08:00:00',
  '2026-11-11T08:00Z',
  '+012026-01-01T00:00:00Z',
  '9999-12-31T23:59:59-01:00',
  '2026-11-11[UTC]',
])('%j is refused as a snooze', (text) => {
  expect(parseSnooze(text)).toBeNull();
  expect(parseRuleSnooze(text)).toBeNull();
});

test('only a rule can be snoozed until the end of its period', () => {
  expect(parseRuleSnooze('period_end')).toBe('period_end');
  expect(parseSnooze('period_end')).toBeNull();
});

test('a snooze that has ended is dropped', () => {
  expect(stillAhead(noon, noon)).toBeNull();
  expect(stillAhead(noon, noon.subtract({ seconds: 1 }))).toEqual(noon);
  expect(stillAhead(null, noon)).toBeNull();
});

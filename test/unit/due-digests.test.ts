import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultDigest, dueDigests, nextDigest } from '../../src/domain/digest.ts';
import { nights } from '../support/change-nights.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const both = { ...defaultDigest, weekly: true };
const weekly = { ...both, daily: false };
const neither = { ...defaultDigest, daily: false };

/** In UTC, as `type of day`. */
const due = (preferences: typeof both, since: string, now: string, lastDay: string | null = null) =>
  dueDigests(preferences, 'UTC', { since: instant(since), now: instant(now), lastDay }).map(
    ({ type, day }) => `${type} of ${day}`,
  );

// 16 November 2026 is a Monday.
describe('due are', () => {
  test.each<[string, typeof both, [string, string], string | null, string[]]>([
    ['at its hour', both, ['2026-11-17T08:30Z', '2026-11-17T08:30Z'], null, ['daily_summary of 2026-11-17']],
    ['not before', both, ['2026-11-16T08:31Z', '2026-11-17T08:29Z'], null, []],
    [
      'later that day',
      both,
      ['2026-11-17T08:30Z', '2026-11-17T23:59Z'],
      null,
      ['daily_summary of 2026-11-17'],
    ],
    [
      'on Monday both',
      both,
      ['2026-11-16T08:30Z', '2026-11-16T08:30Z'],
      '2026-11-15',
      ['daily_summary of 2026-11-16', 'weekly_summary of 2026-11-16'],
    ],
    [
      'weekly alone',
      weekly,
      ['2026-11-16T08:30Z', '2026-11-16T08:45Z'],
      null,
      ['weekly_summary of 2026-11-16'],
    ],
    ['weekly on a Tuesday, none', weekly, ['2026-11-16T08:31Z', '2026-11-17T09:00Z'], null, []],
    [
      'what was capped alone',
      neither,
      ['2026-11-17T08:30Z', '2026-11-17T08:30Z'],
      null,
      ['roll_up of 2026-11-17'],
    ],
    [
      'after three days away, one',
      defaultDigest,
      ['2026-11-17T08:30Z', '2026-11-20T08:00Z'],
      '2026-11-16',
      ['daily_summary of 2026-11-19'],
    ],
    [
      'after three weeks away, one of each',
      both,
      ['2026-11-03T08:30Z', '2026-11-25T09:00Z'],
      '2026-11-02',
      ['daily_summary of 2026-11-25', 'weekly_summary of 2026-11-23'],
    ],
    ['made already, none', both, ['2026-11-17T08:30Z', '2026-11-17T09:00Z'], '2026-11-17', []],
    [
      'of a date that was had elsewhere, none',
      both,
      ['2026-11-17T08:30Z', '2026-11-17T09:00Z'],
      '2026-11-18',
      [],
    ],
  ])('%s', (_why, preferences, [since, now], lastDay, expected) => {
    expect(due(preferences, since, now, lastDay)).toEqual(expected);
  });
});

test('is of a day that was left again, where clocks were put back over midnight', () => {
  // From 02:00 on 5 March 2010 back to 23:00.
  const [since, now] = [instant('2010-03-04T12:00Z'), instant('2010-03-04T15:30Z')];
  const wanted = { ...defaultDigest, at: '00:30' };
  expect(dueDigests(wanted, 'Antarctica/Casey', { since, now, lastDay: null })).toMatchObject([
    { day: '2010-03-05' },
  ]);
});

test('is the last that would have come one after another, whatever the night', () => {
  fc.assert(
    fc.property(nights, fc.integer({ min: 0, max: 100 }), ({ timeZone, now, times: [at] }, hours) => {
      const wanted = { ...defaultDigest, at };
      const since = now.subtract({ hours });
      const found = dueDigests(wanted, timeZone, { since, now, lastDay: null });
      let [last, next] = [
        undefined as unknown,
        nextDigest(wanted, timeZone, since.subtract({ nanoseconds: 1 }), null),
      ];
      while (Temporal.Instant.compare(next.at, now) <= 0)
        [last, next] = [next, nextDigest(wanted, timeZone, next.at, null)];
      expect(found).toEqual(last ? [last] : []);
    }),
    { numRuns: 1000 },
  );
});

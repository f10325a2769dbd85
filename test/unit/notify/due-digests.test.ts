import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultDigest, dueDigests, movedDigest, nextDigest } from '../../../src/notify/decide/digest.ts';
import { nights } from '../../support/reference/change-nights.ts';

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

/** Less than a day apart; the clocks of some change meanwhile. */
const zones = ['Europe/Berlin', 'Asia/Tokyo', 'America/New_York', 'America/Los_Angeles', 'Australia/Sydney'];

/** After a while somebody has another zone, or another hour, or neither. */
const step = fc.record({
  minutes: fc.integer({ min: 1, max: 600 }),
  change: fc.oneof(
    fc.constant({}),
    fc.record({ timeZone: fc.constantFrom(...zones) }),
    fc.record({ at: fc.constantFrom('00:10', '05:00', '08:30', '18:00', '23:50') }),
  ),
});

/** Somebody in Berlin who has had their digest of that day. */
class Reader {
  readonly days = ['2026-03-20'];
  #settings = { ...defaultDigest, timeZone: 'Europe/Berlin' };
  #due = instant('2026-03-21T07:30Z');

  changes(changes: Partial<{ timeZone: string; at: string }>, now: Temporal.Instant): void {
    const { timeZone: zoneBefore } = this.#settings;
    const move = { dueBefore: this.#due, zoneBefore, now, lastDay: this.#lastDay };
    this.#settings = { ...this.#settings, ...changes };
    this.#due = movedDigest(this.#settings, this.#settings.timeZone, move);
  }

  looks(now: Temporal.Instant): void {
    if (Temporal.Instant.compare(this.#due, now) > 0) return;
    const { timeZone, ...wanted } = this.#settings;
    const due = dueDigests(wanted, timeZone, { since: this.#due, now, lastDay: this.#lastDay });
    this.days.push(...due.map(({ day }) => day));
    this.#due = nextDigest(wanted, timeZone, now, this.#lastDay).at;
  }

  get #lastDay(): string | null {
    return this.days.at(-1) ?? null;
  }
}

const dayAfter = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

describe('moved, it is due', () => {
  const tuesday = '2026-11-17';
  test.each<[string, typeof both, [string, string], string | null, string]>([
    [
      'as before where nothing of it has changed',
      defaultDigest,
      ['2026-11-17T08:30Z', '2026-11-17T07:00Z'],
      null,
      '2026-11-17T08:30Z',
    ],
    [
      'later that day',
      { ...defaultDigest, at: '18:00' },
      ['2026-11-17T08:30Z', '2026-11-17T08:00Z'],
      null,
      '2026-11-17T18:00Z',
    ],
    [
      'from an hour that has passed',
      { ...defaultDigest, at: '06:00' },
      ['2026-11-17T08:30Z', '2026-11-17T08:00Z'],
      '2026-11-16',
      '2026-11-17T06:00Z',
    ],
    [
      'not on a day that had one',
      { ...defaultDigest, at: '18:00' },
      ['2026-11-18T08:30Z', '2026-11-17T09:00Z'],
      tuesday,
      '2026-11-18T18:00Z',
    ],
    [
      'nor again, from an hour that has passed',
      { ...defaultDigest, at: '06:00' },
      ['2026-11-18T08:30Z', '2026-11-17T09:00Z'],
      tuesday,
      '2026-11-18T06:00Z',
    ],
    [
      'not from an hour that has passed, where the day had nothing to tell at the old one',
      { ...defaultDigest, at: '10:00' },
      ['2026-11-18T08:30Z', '2026-11-17T13:00Z'],
      '2026-11-15',
      '2026-11-18T10:00Z',
    ],
    [
      'the week’s, from an hour that has passed',
      { ...weekly, at: '06:00' },
      ['2026-11-16T08:30Z', '2026-11-16T08:00Z'],
      '2026-11-09',
      '2026-11-16T06:00Z',
    ],
    [
      'the week’s not on a Tuesday',
      { ...weekly, at: '06:00' },
      ['2026-11-23T08:30Z', '2026-11-17T08:00Z'],
      '2026-11-09',
      '2026-11-23T06:00Z',
    ],
    [
      'since the first that is still told, where nobody has looked for days',
      { ...both, at: '06:00' },
      ['2026-11-16T08:30Z', '2026-11-18T07:00Z'],
      '2026-11-15',
      '2026-11-16T06:00Z',
    ],
  ])('%s', (_why, preferences, [dueBefore, now], lastDay, expected) => {
    const moved = movedDigest(preferences, 'UTC', {
      dueBefore: instant(dueBefore),
      zoneBefore: 'UTC',
      now: instant(now),
      lastDay,
    });
    expect(moved).toEqual(instant(expected));
  });

  test('on each day once, however often its hour and its zone change', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const reader = new Reader();
        let now = instant('2026-03-20T12:00Z');
        for (const { minutes, change } of steps) {
          now = now.add({ minutes });
          reader.looks(now);
          reader.changes(change, now);
          reader.looks(now);
        }
        expect(reader.days).toEqual(reader.days.map((_, days) => dayAfter('2026-03-20', days)));
      }),
      { numRuns: 1000 },
    );
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

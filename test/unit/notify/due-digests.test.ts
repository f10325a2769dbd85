import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultDigest, dueDigests, movedDigest, nextDigest } from '../../../src/notify/decide/digest.ts';
import { nights } from '../../support/reference/change-nights.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const both = { ...defaultDigest, weekly: true };
const weekly = { ...both, daily: false };
const neither = { ...defaultDigest, daily: false };

/** Lists the due digests as `type of day`; the person's zone is UTC. */
const due = (preferences: typeof both, since: string, now: string, lastDay: string | null = null) =>
  dueDigests(preferences, 'UTC', { since: instant(since), now: instant(now), lastDay }).map(
    ({ type, day }) => `${type} of ${day}`,
  );

// 16 November 2026 is a Monday.
describe('the digests due', () => {
  test.each<[string, typeof both, [string, string], string | null, string[]]>([
    [
      'at the digest hour are the daily one',
      both,
      ['2026-11-17T08:30Z', '2026-11-17T08:30Z'],
      null,
      ['daily_summary of 2026-11-17'],
    ],
    ['before the digest hour are none', both, ['2026-11-16T08:31Z', '2026-11-17T08:29Z'], null, []],
    [
      'later that day are the daily one',
      both,
      ['2026-11-17T08:30Z', '2026-11-17T23:59Z'],
      null,
      ['daily_summary of 2026-11-17'],
    ],
    [
      'on a Monday are the daily and the weekly one',
      both,
      ['2026-11-16T08:30Z', '2026-11-16T08:30Z'],
      '2026-11-15',
      ['daily_summary of 2026-11-16', 'weekly_summary of 2026-11-16'],
    ],
    [
      'on a Monday for a person with weekly digests alone are the weekly one',
      weekly,
      ['2026-11-16T08:30Z', '2026-11-16T08:45Z'],
      null,
      ['weekly_summary of 2026-11-16'],
    ],
    [
      'on a Tuesday for a person with weekly digests alone are a roll-up of capped notifications',
      weekly,
      ['2026-11-16T08:31Z', '2026-11-17T09:00Z'],
      '2026-11-16',
      ['roll_up of 2026-11-17'],
    ],
    [
      'for a person with weekly digests alone who has had the roll-up of that day are none',
      weekly,
      ['2026-11-16T08:31Z', '2026-11-17T09:00Z'],
      '2026-11-17',
      [],
    ],
    [
      'for a person without digests are a roll-up of capped notifications',
      neither,
      ['2026-11-17T08:30Z', '2026-11-17T08:30Z'],
      null,
      ['roll_up of 2026-11-17'],
    ],
    [
      'after three days without a run are only the latest daily one',
      defaultDigest,
      ['2026-11-17T08:30Z', '2026-11-20T08:00Z'],
      '2026-11-16',
      ['daily_summary of 2026-11-19'],
    ],
    [
      'after three weeks without a run are the latest of each kind',
      both,
      ['2026-11-03T08:30Z', '2026-11-25T09:00Z'],
      '2026-11-02',
      ['daily_summary of 2026-11-25', 'weekly_summary of 2026-11-23'],
    ],
    [
      'for a day that has one already are none',
      both,
      ['2026-11-17T08:30Z', '2026-11-17T09:00Z'],
      '2026-11-17',
      [],
    ],
    [
      'for a date that had one in another zone are none',
      both,
      ['2026-11-17T08:30Z', '2026-11-17T09:00Z'],
      '2026-11-18',
      [],
    ],
  ])('%s', (_why, preferences, [since, now], lastDay, expected) => {
    expect(due(preferences, since, now, lastDay)).toEqual(expected);
  });
});

/** These zones are less than a day apart. Some change their clocks during the test. */
const zones = ['Europe/Berlin', 'Asia/Tokyo', 'America/New_York', 'America/Los_Angeles', 'Australia/Sydney'];

/** After some minutes a person may change the zone or the digest hour. */
const step = fc.record({
  minutes: fc.integer({ min: 1, max: 600 }),
  change: fc.oneof(
    fc.constant({}),
    fc.record({ timeZone: fc.constantFrom(...zones) }),
    fc.record({ at: fc.constantFrom('00:10', '05:00', '08:30', '18:00', '23:50') }),
  ),
});

/** A person in Berlin with the digest of 2026-03-20 already made. */
class DigestReceiver {
  readonly days = ['2026-03-20'];
  #settings = { ...defaultDigest, timeZone: 'Europe/Berlin' };
  #due = instant('2026-03-21T07:30Z');

  change(changes: Partial<{ timeZone: string; at: string }>, now: Temporal.Instant): void {
    const { timeZone: zoneBefore } = this.#settings;
    const move = { dueBefore: this.#due, zoneBefore, now, lastDay: this.#lastDay };
    this.#settings = { ...this.#settings, ...changes };
    this.#due = movedDigest(this.#settings, this.#settings.timeZone, move);
  }

  receive(now: Temporal.Instant): void {
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

describe('after a change of the hour or the zone, a digest is due', () => {
  const tuesday = '2026-11-17';
  test.each<[string, typeof both, [string, string], string | null, string]>([
    [
      'as before if neither has changed',
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
      'at once if the new hour has passed',
      { ...defaultDigest, at: '06:00' },
      ['2026-11-17T08:30Z', '2026-11-17T08:00Z'],
      '2026-11-16',
      '2026-11-17T06:00Z',
    ],
    [
      'on the next day if today had one',
      { ...defaultDigest, at: '18:00' },
      ['2026-11-18T08:30Z', '2026-11-17T09:00Z'],
      tuesday,
      '2026-11-18T18:00Z',
    ],
    [
      'on the next day if today had one and the new hour has passed',
      { ...defaultDigest, at: '06:00' },
      ['2026-11-18T08:30Z', '2026-11-17T09:00Z'],
      tuesday,
      '2026-11-18T06:00Z',
    ],
    [
      'on the next day if the new hour has passed and the old hour came without content',
      { ...defaultDigest, at: '10:00' },
      ['2026-11-18T08:30Z', '2026-11-17T13:00Z'],
      '2026-11-15',
      '2026-11-18T10:00Z',
    ],
    [
      'at once on a Monday if it is weekly and the new hour has passed',
      { ...weekly, at: '06:00' },
      ['2026-11-16T08:30Z', '2026-11-16T08:00Z'],
      '2026-11-09',
      '2026-11-16T06:00Z',
    ],
    [
      'next Monday if it is weekly and the change is on a Tuesday',
      { ...weekly, at: '06:00' },
      ['2026-11-23T08:30Z', '2026-11-17T08:00Z'],
      '2026-11-09',
      '2026-11-23T06:00Z',
    ],
    [
      'since the oldest digest still to be made, if none was made for days',
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

  test('once on each day, however often the hour and the zone change', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const receiver = new DigestReceiver();
        let now = instant('2026-03-20T12:00Z');
        for (const { minutes, change } of steps) {
          now = now.add({ minutes });
          receiver.receive(now);
          receiver.change(change, now);
          receiver.receive(now);
        }
        expect(receiver.days).toEqual(receiver.days.map((_, days) => dayAfter('2026-03-20', days)));
      }),
      { numRuns: 1000 },
    );
  });
});

test('a digest is due for a day that clocks left again when put back over midnight', () => {
  // Clocks went from 02:00 on 5 March 2010 back to 23:00 on 4 March.
  const [since, now] = [instant('2010-03-04T12:00Z'), instant('2010-03-04T15:30Z')];
  const wanted = { ...defaultDigest, at: '00:30' };
  expect(dueDigests(wanted, 'Antarctica/Casey', { since, now, lastDay: null })).toMatchObject([
    { day: '2010-03-05' },
  ]);
});

test('the due digest is the last of the series that nextDigest gives, in any night', () => {
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

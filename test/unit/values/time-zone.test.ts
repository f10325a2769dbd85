import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localDay } from '../../../src/values/period.ts';
import { listOffsets } from '../../../src/values/time-zone.ts';

const from = Temporal.Instant.from('1900-01-01T00:00:00Z');
const to = Temporal.Instant.from('2200-01-01T00:00:00Z');

const instants = fc
  .integer({ min: from.epochMilliseconds, max: to.epochMilliseconds })
  .map((ms) => Temporal.Instant.fromEpochMilliseconds(ms));

/** With summer time, without, with a day that was left out, with half an hour, and with offsets of seconds. */
const zones = fc.constantFrom(
  'Europe/Berlin',
  'UTC',
  'Pacific/Apia',
  'Asia/Kolkata',
  'America/New_York',
  'Africa/Monrovia',
);

describe('the offsets of a zone', () => {
  test('give the local day of every instant between the first and the last', () => {
    fc.assert(
      fc.property(zones, instants, instants, instants, (zone, a, b, c) => {
        const [first, at, last] = [a, b, c].sort(Temporal.Instant.compare) as [typeof a, typeof a, typeof a];
        const span = listOffsets(zone, first, last).findLast(
          ({ from }) => Temporal.Instant.compare(from, at) <= 0,
        );
        const day = at.add({ seconds: span?.offsetSeconds ?? NaN }).toString();
        expect(day.slice(0, 10)).toBe(localDay(at, zone));
      }),
    );
  });

  test('begin at the first instant that is asked for', () => {
    expect(listOffsets('Europe/Berlin', to, to)).toEqual([
      { zone: 'Europe/Berlin', from: to, offsetSeconds: 3600 },
    ]);
  });
});

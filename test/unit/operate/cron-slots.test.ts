import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchedule, dueSlots } from '../../../src/operate/cron-slots.ts';

const at = (text: string) => Temporal.Instant.from(text);
const text = (slots: readonly Temporal.Instant[]) => slots.map((slot) => slot.toString());

describe('the due slots of a schedule', () => {
  const day = '2026-03-01';
  it.each([
    {
      why: 'that never ran are the newest alone',
      cron: '*/5 * * * *',
      after: null,
      now: '10:17',
      due: ['10:15'],
    },
    {
      why: 'that never ran, asked on a slot, are that slot',
      cron: '*/5 * * * *',
      after: null,
      now: '10:15',
      due: ['10:15'],
    },
    { why: 'without a new slot are none', cron: '*/5 * * * *', after: '10:15', now: '10:19:59.999', due: [] },
    { why: 'on a new slot are that slot', cron: '*/5 * * * *', after: '10:15', now: '10:20', due: ['10:20'] },
    {
      why: 'after missed slots are all of them, oldest first',
      cron: '*/5 * * * *',
      after: '10:00',
      now: '10:17',
      due: ['10:05', '10:10', '10:15'],
    },
    {
      why: 'after more missed slots than catchUp are the newest',
      cron: '*/5 * * * *',
      after: '08:00',
      now: '10:17',
      due: ['10:05', '10:10', '10:15'],
    },
    {
      why: 'with a clock behind the latest claim are none',
      cron: '*/5 * * * *',
      after: '10:15',
      now: '10:12',
      due: [],
    },
    {
      why: 'after an instant between two slots start at the next slot',
      cron: '*/5 * * * *',
      after: '10:12:30',
      now: '10:16',
      due: ['10:15'],
    },
    {
      why: 'a millisecond after a slot include it',
      cron: '30 3 * * *',
      after: '00:00',
      now: '03:30:00.001',
      due: ['03:30'],
    },
    {
      why: 'a millisecond before a slot are none',
      cron: '30 3 * * *',
      after: '00:00',
      now: '03:29:59.999',
      due: [],
    },
  ])('$why', ({ cron, after, now, due }) => {
    const since = after === null ? null : at(`${day}T${after}Z`);
    const slots = dueSlots(cron, since, at(`${day}T${now}Z`), 3);
    expect(text(slots)).toEqual(due.map((time) => `${day}T${time}:00Z`));
  });

  it('cross the end of a month and of a year', () => {
    const slots = dueSlots('30 3 * * *', at('2026-12-30T03:30:00Z'), at('2027-01-01T12:00:00Z'), 9);
    expect(text(slots)).toEqual(['2026-12-31T03:30:00Z', '2027-01-01T03:30:00Z']);
  });

  it('are in UTC whatever the zone of the machine, also while its clocks change', () => {
    const slots = dueSlots('30 1 * * *', at('2026-10-24T02:00:00Z'), at('2026-10-26T02:00:00Z'), 9);
    expect(text(slots)).toEqual(['2026-10-25T01:30:00Z', '2026-10-26T01:30:00Z']);
  });
});

describe('the check of a schedule', () => {
  it.each([
    ['seven fields', '0 * * * * * 2026', 1],
    ['four fields', '* * * *', 1],
    ['a nickname', '@daily', 1],
    ['a slot that differs between processes', 'H * * * *', 1],
    ['an invalid minute', '60 * * * *', 1],
    ['an invalid day', '0 0 30 2 *', 1],
    ['an empty text', '', 1],
    ['no slot to catch up', '* * * * *', 0],
    ['half a slot to catch up', '* * * * *', 1.5],
  ])('refuses %s', (_why, cron, catchUp) => {
    expect(() => checkSchedule({ name: 'j', cron, catchUp })).toThrow(RangeError);
  });

  it('accepts a cron expression with steps, ranges and lists', () => {
    expect(() => checkSchedule({ name: 'j', cron: '*/5 0-6,12 1 * 1', catchUp: 1 })).not.toThrow();
  });
});

/** Schedules with the grid of their slots, computed without the parser: every `minutes` from `offset` on. */
const grids = fc
  .constantFrom(
    { cron: '* * * * *', minutes: 1, offset: 0 },
    { cron: '*/5 * * * *', minutes: 5, offset: 0 },
    { cron: '7 * * * *', minutes: 60, offset: 7 },
    { cron: '0 */6 * * *', minutes: 360, offset: 0 },
    { cron: '30 3 * * *', minutes: 1440, offset: 210 },
  )
  .map((grid) => ({
    ...grid,
    slotAt: (epochMs: number) => Math.floor((epochMs / 60_000 - grid.offset) / grid.minutes),
  }));
type Grid = typeof grids extends fc.Arbitrary<infer G> ? G : never;

const start = at('2026-03-01T00:00:00Z').epochMilliseconds;
const instants = fc.integer({ min: 0, max: 40 * 24 * 3_600_000 }).map((ms) => start + ms);
const numbersOf = (grid: Grid, slots: readonly Temporal.Instant[]) =>
  slots.map((slot) => {
    expect((slot.epochMilliseconds / 60_000 - grid.offset) % grid.minutes).toBe(0);
    return grid.slotAt(slot.epochMilliseconds);
  });
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i + 1);

describe('the due slots at any times', () => {
  it('are the newest catchUp slots in (after, now], oldest first', () => {
    fc.assert(
      fc.property(grids, instants, instants, fc.integer({ min: 1, max: 50 }), (grid, after, now, catchUp) => {
        const slots = dueSlots(
          grid.cron,
          Temporal.Instant.fromEpochMilliseconds(after),
          Temporal.Instant.fromEpochMilliseconds(now),
          catchUp,
        );
        expect(numbersOf(grid, slots)).toEqual(range(grid.slotAt(after), grid.slotAt(now)).slice(-catchUp));
      }),
    );
  });

  it('never repeat a slot over any sequence of ticks, forwards or back', () => {
    fc.assert(
      fc.property(
        grids,
        fc.array(instants, { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (grid, nows, catchUp) => {
          const given = ticks(grid, nows, catchUp);
          expect(new Set(given).size).toBe(given.length);
        },
      ),
    );
  });

  it('leave no slot out if no gap is longer than catchUp slots', () => {
    fc.assert(
      fc.property(
        grids,
        fc.array(fc.integer({ min: 0, max: 20 * 60_000 }), { minLength: 1, maxLength: 60 }),
        (grid, steps) => {
          let now = start;
          const nows = steps.map((step) => (now += step));
          const given = ticks(grid, nows, 20);
          const first = given[0] ?? 0;
          expect(given).toEqual(range(first - 1, grid.slotAt(now)));
        },
      ),
    );
  });
});

/** Returns the numbers of the slots that successive ticks at these times would claim. */
function ticks(grid: Grid, nows: readonly number[], catchUp: number): number[] {
  let latest: Temporal.Instant | null = null;
  return nows.flatMap((now) => {
    const slots = dueSlots(grid.cron, latest, Temporal.Instant.fromEpochMilliseconds(now), catchUp);
    latest = slots.at(-1) ?? latest;
    return numbersOf(grid, slots);
  });
}

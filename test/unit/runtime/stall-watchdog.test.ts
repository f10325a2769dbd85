import { describe, expect, it } from 'vitest';
import {
  type StallLimits,
  type Observation,
  type StallState,
  watchForStall,
} from '../../../src/runtime/queues/stall-watchdog.ts';

const patience: StallLimits = { idleMs: 60_000, busyMs: 1_800_000, gapMs: 30_000 };
const still: Observation = { atMs: 0, waiting: 3, isPaused: false, freeSlots: 2, turnovers: 7 };

/** The first of the sightings, 10 seconds apart, at which the worker is given up; null: at none. */
function givenUpAt(sightings: readonly Partial<Observation>[]): number | null {
  let standstill: StallState | null = null;
  for (const [index, seen] of sightings.entries()) {
    const verdict = watchForStall(standstill, { ...still, atMs: index * 10_000, ...seen }, patience);
    if (verdict.isStuck) return index;
    standstill = verdict.standstill;
  }
  return null;
}

const times = <T>(count: number, each: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => each(index));

describe('a worker', () => {
  it('with slots free and work waiting is given up after a minute, and not before', () => {
    expect(givenUpAt(times(6, () => ({})))).toBeNull();
    expect(givenUpAt(times(20, () => ({})))).toBe(6);
  });

  it.each<[string, (index: number) => Partial<Observation>]>([
    ['nothing waits', () => ({ waiting: 0 })],
    ['something waits only now and then', (index) => ({ waiting: index % 5 })],
    ['it is paused', () => ({ isPaused: true })],
    ['the store is away', () => ({ waiting: null })],
    ['the store answers now and then', (index) => ({ waiting: index % 6 ? 3 : null })],
    ['it takes a job up now and then', (index) => ({ turnovers: Math.floor(index / 6) })],
    ['the machine sleeps', (index) => ({ atMs: index * 40_000 })],
    ['all its slots are busy for a quarter of an hour', () => ({ freeSlots: 0 })],
  ])('is not while %s', (_why, seen) => {
    expect(givenUpAt(times(90, seen))).toBeNull();
  });

  it('whose slots are all busy is given up after half an hour', () => {
    expect(givenUpAt(times(300, () => ({ freeSlots: 0 })))).toBe(180);
  });

  it('is judged anew once work no longer waits', () => {
    const seen = times(20, (index) => ({ waiting: index === 5 ? 0 : 3 }));
    expect(givenUpAt(seen)).toBe(11);
  });
});

import { describe, expect, it } from 'vitest';
import {
  type StallLimits,
  type Observation,
  type StallState,
  watchForStall,
} from '../../../src/runtime/queues/stall-watchdog.ts';

const limits: StallLimits = { idleMs: 60_000, busyMs: 1_800_000, gapMs: 30_000 };
const idle: Observation = { atMs: 0, waiting: 3, isPaused: false, freeSlots: 2, turnovers: 7 };

/** Returns the index of the first observation that reports a stall, or null. Observations are 10 s apart. */
function stalledAt(observations: readonly Partial<Observation>[]): number | null {
  let state: StallState | null = null;
  for (const [index, change] of observations.entries()) {
    const verdict = watchForStall(state, { ...idle, atMs: index * 10_000, ...change }, limits);
    if (verdict.isStalled) return index;
    state = verdict.state;
  }
  return null;
}

const times = <T>(count: number, each: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => each(index));

describe('the stall watchdog', () => {
  it('reports a worker with free slots and waiting jobs after one minute, and not before', () => {
    expect(stalledAt(times(6, () => ({})))).toBeNull();
    expect(stalledAt(times(20, () => ({})))).toBe(6);
  });

  it.each<[string, (index: number) => Partial<Observation>]>([
    ['no job waits', () => ({ waiting: 0 })],
    ['jobs wait only now and then', (index) => ({ waiting: index % 5 })],
    ['the worker is paused', () => ({ isPaused: true })],
    ['the queue store is unreachable', () => ({ waiting: null })],
    ['the queue store answers only now and then', (index) => ({ waiting: index % 6 ? 3 : null })],
    ['the worker takes a job now and then', (index) => ({ turnovers: Math.floor(index / 6) })],
    ['the machine sleeps', (index) => ({ atMs: index * 40_000 })],
    ['all slots are busy for a quarter of an hour', () => ({ freeSlots: 0 })],
  ])('reports no stall while %s', (_why, change) => {
    expect(stalledAt(times(90, change))).toBeNull();
  });

  it('reports a worker with every slot busy after half an hour', () => {
    expect(stalledAt(times(300, () => ({ freeSlots: 0 })))).toBe(180);
  });

  it('starts again once no job waits', () => {
    const change = times(20, (index) => ({ waiting: index === 5 ? 0 : 3 }));
    expect(stalledAt(change)).toBe(11);
  });
});

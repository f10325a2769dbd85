/**
 * Tells a wedged worker from one that has nothing to do, is not to work, or works for long. Pure: what was
 * seen before and what is seen now say whether its process is to end.
 */

/** What is seen of a worker at one time. Times are of a clock that never goes back. */
export type Observation = {
  atMs: number;
  /** Null where the store does not say. */
  waiting: number | null;
  isPaused: boolean;
  /** Jobs of the queue this worker could take up beside those it holds. */
  freeSlots: number;
  /** Grows with every job it takes up or ends. */
  turnovers: number;
};

/** Since when the worker has stood still beside waiting work; null: it does not. */
export type StallState = { sinceMs: number | null; turnovers: number; seenAtMs: number };

export type StallLimits = {
  /** With slots free: a worker takes what waits within ten seconds. */
  idleMs: number;
  /** With every slot busy with jobs that do not end. */
  busyMs: number;
  /** Between two sightings; after a longer gap, as when the machine slept, nothing is concluded. */
  gapMs: number;
};

export const stallLimits: StallLimits = { idleMs: 60_000, busyMs: 30 * 60_000, gapMs: 30_000 };

export function watchForStall(
  before: StallState | null,
  seen: Observation,
  { idleMs, busyMs, gapMs }: StallLimits = stallLimits,
): { standstill: StallState; isStuck: boolean } {
  const isFirst = before === null || seen.atMs - before.seenAtMs > gapMs;
  const isStill =
    !isFirst && seen.turnovers === before.turnovers && !seen.isPaused && (seen.waiting ?? 0) > 0;
  const sinceMs = isStill ? (before.sinceMs ?? before.seenAtMs) : null;
  const boundMs = seen.freeSlots > 0 ? idleMs : busyMs;
  return {
    standstill: { sinceMs, turnovers: seen.turnovers, seenAtMs: seen.atMs },
    isStuck: sinceMs !== null && seen.atMs - sinceMs >= boundMs,
  };
}

/**
 * Distinguishes a stalled worker from one that is idle, paused or busy with long jobs. Pure: it takes the stall state
 * before and an observation now, and says whether the process should end.
 */

/** An observation of a worker at one time, by a monotonic clock. */
export type Observation = {
  atMs: number;
  /** Jobs that wait in the queue; null if the store does not answer. */
  waiting: number | null;
  isPaused: boolean;
  /** The number of jobs that the worker could run beside its current ones. */
  freeSlots: number;
  /** Grows with every job that starts or ends. */
  turnovers: number;
};

/** `sinceMs`: the time since when jobs wait and the worker neither starts nor ends one. Null: it is not stalled. */
export type StallState = { sinceMs: number | null; turnovers: number; seenAtMs: number };

export type StallLimits = {
  /** The bound if slots are free; a healthy worker takes a waiting job within ten seconds. */
  idleMs: number;
  /** The bound if every slot is busy with a job that does not end. */
  busyMs: number;
  /** The longest gap between two observations. After a longer one, as when the machine slept, the watch starts anew. */
  gapMs: number;
};

export const stallLimits: StallLimits = { idleMs: 60_000, busyMs: 30 * 60_000, gapMs: 30_000 };

export function watchForStall(
  before: StallState | null,
  seen: Observation,
  { idleMs, busyMs, gapMs }: StallLimits = stallLimits,
): { state: StallState; isStalled: boolean } {
  const isFirst = before === null || seen.atMs - before.seenAtMs > gapMs;
  const isStill =
    !isFirst && seen.turnovers === before.turnovers && !seen.isPaused && (seen.waiting ?? 0) > 0;
  const sinceMs = isStill ? (before.sinceMs ?? before.seenAtMs) : null;
  const boundMs = seen.freeSlots > 0 ? idleMs : busyMs;
  return {
    state: { sinceMs, turnovers: seen.turnovers, seenAtMs: seen.atMs },
    isStalled: sinceMs !== null && seen.atMs - sinceMs >= boundMs,
  };
}

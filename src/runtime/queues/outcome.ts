/** The result of a handler. A thrown error is unexpected, and the job is retried. */
export type JobOutcome =
  | { kind: 'done'; detail?: string }
  /** There was nothing to do. */
  | { kind: 'skip'; reason: string }
  /** It is too early: the job runs again at `at`. */
  | { kind: 'later'; at: Temporal.Instant; reason: string }
  /** The job fails for good; a retry would not help. */
  | { kind: 'dead'; reason: string };

export const done = (detail?: string): JobOutcome =>
  detail === undefined ? { kind: 'done' } : { kind: 'done', detail };
export const skip = (reason: string): JobOutcome => ({ kind: 'skip', reason });
export const later = (at: Temporal.Instant, reason: string): JobOutcome => ({ kind: 'later', at, reason });
export const dead = (reason: string): JobOutcome => ({ kind: 'dead', reason });

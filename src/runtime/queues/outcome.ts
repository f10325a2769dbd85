/** What a handler answers. Throwing means something unexpected: the job is tried again. */
export type JobOutcome =
  | { kind: 'done'; detail?: string }
  /** Nothing to do, and why. */
  | { kind: 'skip'; reason: string }
  /** Not yet: the job comes back at `at`. */
  | { kind: 'later'; at: Temporal.Instant; reason: string }
  /** Never: trying again would not help. */
  | { kind: 'dead'; reason: string };

export const done = (detail?: string): JobOutcome =>
  detail === undefined ? { kind: 'done' } : { kind: 'done', detail };
export const skip = (reason: string): JobOutcome => ({ kind: 'skip', reason });
export const later = (at: Temporal.Instant, reason: string): JobOutcome => ({ kind: 'later', at, reason });
export const dead = (reason: string): JobOutcome => ({ kind: 'dead', reason });

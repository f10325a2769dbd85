/** Carries out a run of a scheduled job: keeps its row alive while it works, and records how it ended. */
import type { JobContext } from '../runtime/queues/consume.ts';
import type { JobOutcome } from '../runtime/queues/outcome.ts';
import { finishRun, type HeldRun, keepRunAlive, type RunEnd } from './job-runs.ts';
import type { JobServices } from './scheduled-job.ts';

/** Well below `runDiesAfter`, to allow for clock skew between machines. */
const heartbeatMs = 10_000;

/**
 * Runs `work`, with a signal that is aborted when the process stops or another worker takes the run over. Rejects as
 * `work` does; the row then says `failed` after the last attempt, and `queued` before.
 */
export async function carryOutRun(
  run: HeldRun,
  work: (signal: AbortSignal) => Promise<JobOutcome>,
  { db, clock }: Pick<JobServices, 'db' | 'clock'>,
  { log, isLastAttempt, signal }: Pick<JobContext, 'log' | 'isLastAttempt' | 'signal'>,
): Promise<JobOutcome> {
  const lost = new AbortController();
  let held = run;
  const beat = async () => {
    const now = clock.now();
    try {
      if (await keepRunAlive(db.sql, held, now)) held = { ...held, heldAt: now };
      else lost.abort(new Error('another worker has taken the run over'));
    } catch (err) {
      log.warn({ err }, 'could not say that the run is alive');
    }
  };
  const either = signal ? AbortSignal.any([signal, lost.signal]) : lost.signal;
  const finish = (end: RunEnd) => finishRun(db.sql, held, end, clock.now());
  const outcome = await whileBeating(beat, () => work(either)).catch(async (error: unknown) => {
    await finish({ status: isLastAttempt ? 'failed' : 'queued', outcome: String(error) });
    throw error;
  });
  await finish(endOf(outcome));
  return outcome;
}

/** One heartbeat at a time; none is under way when it settles. */
async function whileBeating<T>(beat: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  let isBeating = false;
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    if (isBeating) return;
    isBeating = true;
    last = beat().finally(() => (isBeating = false));
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await last;
  }
}

/** The end of a run, as its row keeps it. */
export function endOf(outcome: JobOutcome): RunEnd {
  switch (outcome.kind) {
    case 'done':
      return { status: 'done', outcome: outcome.detail ?? 'done' };
    case 'skip':
      return { status: 'done', outcome: `skipped: ${outcome.reason}` };
    case 'later':
      return { status: 'queued', outcome: outcome.reason };
    case 'dead':
      return { status: 'failed', outcome: outcome.reason };
  }
}

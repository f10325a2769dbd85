/** Carries out a run of a scheduled job: keeps its row alive while it works, and records how it ended. */
import type { JobContext } from '../runtime/queues/consume.ts';
import type { JobOutcome } from '../runtime/queues/outcome.ts';
import type { JobSlot } from './claim-slots.ts';
import { finishRun, keepRunAlive, type RunEnd } from './job-runs.ts';
import type { JobServices } from './scheduled-job.ts';

/** Well below `runDiesAfter`, to allow for clock skew between machines. */
const heartbeatMs = 10_000;

/**
 * The caller has begun the run. Rejects as `work` does; the row then says `failed` after the last attempt, and
 * `queued` before.
 */
export async function carryOutRun(
  run: JobSlot,
  work: () => Promise<JobOutcome>,
  { db, clock }: Pick<JobServices, 'db' | 'clock'>,
  { log, isLastAttempt }: Pick<JobContext, 'log' | 'isLastAttempt'>,
): Promise<JobOutcome> {
  const finish = (end: RunEnd) => finishRun(db.sql, run, end, clock.now());
  const beat = () =>
    keepRunAlive(db.sql, run, clock.now()).catch((err: unknown) =>
      log.warn({ err }, 'could not say that the run is alive'),
    );
  const outcome = await whileBeating(beat, work).catch(async (error: unknown) => {
    await finish({ status: isLastAttempt ? 'failed' : 'queued', outcome: String(error) });
    throw error;
  });
  await finish(endOf(outcome));
  return outcome;
}

async function whileBeating<T>(beat: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => void beat(), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
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

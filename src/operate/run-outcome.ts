/** Keeps a run of a scheduled job alive while it works, and converts its outcome to the run's end. */
import type { JobContext } from '../runtime/queues/consume.ts';
import type { JobOutcome } from '../runtime/queues/outcome.ts';
import type { RunEnd } from './job-runs.ts';

/** Well below `runDiesAfter`, to allow for clock skew between machines. */
const heartbeatMs = 10_000;

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

/** Does the work, and calls `keepAlive` at every heartbeat until it ends. */
export async function whileAlive<T>(
  keepAlive: () => Promise<void>,
  { log }: Pick<JobContext, 'log'>,
  work: () => Promise<T>,
): Promise<T> {
  const beat = () =>
    keepAlive().catch((err: unknown) => log.warn({ err }, 'could not say that the run is alive'));
  const timer = setInterval(() => void beat(), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

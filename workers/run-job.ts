/**
 * Runs the slots that the clocks claimed. The queue hands a slot to one worker at a time; the row of the
 * run is the second guard, and says what became of it.
 */
import type { Static } from 'typebox';
import type { scheduledJobs } from '../src/contracts/index.ts';
import { dead, later, type Outcome, skip } from '../src/contracts/outcome.ts';
import type { JobContext } from '../src/queue/consume.ts';

export type Run = { job: string; slot: Temporal.Instant };

type Beginning =
  | { kind: 'begun' }
  | { kind: 'busy'; until: Temporal.Instant }
  | { kind: 'finished'; status: string; outcome: string | null }
  | { kind: 'unclaimed' };

export type RunEnd = { status: 'done' | 'failed' | 'queued'; outcome: string };

export type RunDependencies = {
  /** The jobs by name, each with what it needs already given. */
  jobs: ReadonlyMap<string, (slot: Temporal.Instant, context: JobContext) => Promise<Outcome>>;
  beginRun(run: Run): Promise<Beginning>;
  keepRunAlive(run: Run): Promise<void>;
  finishRun(run: Run, end: RunEnd): Promise<void>;
};

/** `isLastAttempt`: the queue will not try again when this try throws. */
type RunContext = JobContext & { isLastAttempt?: boolean };

/** Well inside the time after which a run counts as dead, also between machines whose clocks disagree. */
const heartbeatMs = 10_000;

export const runJob =
  (deps: RunDependencies) =>
  async (payload: Static<typeof scheduledJobs.schema>, context: RunContext): Promise<Outcome> => {
    const run = { job: payload.job, slot: Temporal.Instant.from(payload.slot) };
    const beginning = await deps.beginRun(run);
    return beginning.kind === 'begun' ? carryOut(run, deps, context) : refusal(run, beginning);
  };

function refusal({ job }: Run, beginning: Exclude<Beginning, { kind: 'begun' }>): Outcome {
  switch (beginning.kind) {
    case 'busy':
      // Not skipped: should the other worker have died, nobody else would be left to take the run over.
      return later(beginning.until, 'another worker has it');
    case 'finished':
      if (beginning.status === 'failed') return dead(beginning.outcome ?? 'failed before');
      return skip('already ran');
    case 'unclaimed':
      return dead(`no clock has claimed this slot of ${job}`);
  }
}

async function carryOut(run: Run, deps: RunDependencies, context: RunContext): Promise<Outcome> {
  const job = deps.jobs.get(run.job);
  const work = async () => (job ? job(run.slot, context) : dead(`no job is named ${run.job}`));
  const beat = () => deps.keepRunAlive(run);
  const outcome = await whileAlive(beat, context, work).catch(async (error: unknown) => {
    const status = context.isLastAttempt ? 'failed' : 'queued';
    await deps.finishRun(run, { status, outcome: String(error) });
    throw error;
  });
  await deps.finishRun(run, endOf(outcome));
  return outcome;
}

export function endOf(outcome: Outcome): RunEnd {
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

/** Does the work, and says again and again that the run is alive until it is over. */
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

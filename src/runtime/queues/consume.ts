/** Runs a handler on a queue: checks the payload, applies the outcome and records the time and result. */
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Clock, machineTime } from '../clock.ts';
import type { Contract } from './contract.ts';
import type { JobOutcome } from './outcome.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { QueueBackend } from './backend.ts';
import { Consumer } from './consumer.ts';
import { isProbe } from './probe.ts';

/** The context that every handler gets beside its payload. */
export type JobContext = {
  log: Log;
  signal: AbortSignal | undefined;
  /** The queue will not retry by itself. */
  isLastAttempt?: boolean;
  /** An earlier attempt began, and may have died at any step. */
  isRepeat?: boolean;
  /** An earlier attempt ended in an error. */
  hasFailed?: boolean;
};

export type Handler<Schema extends TSchema> = (
  payload: Static<Schema>,
  context: JobContext,
) => Promise<JobOutcome>;

export type ConsumeOptions = { concurrency: number; clock: Clock; log: Log; metrics: Metrics };

export function consume<Schema extends TSchema>(
  backend: QueueBackend,
  contract: Contract<Schema>,
  handler: Handler<Schema>,
  options: ConsumeOptions,
): Consumer {
  const validator = Compile(contract.schema);
  const log = options.log.child({ queue: contract.name });
  const process = async (job: Job, token?: string, signal?: AbortSignal) => {
    const context = {
      log: log.child({ jobId: job.id, correlationId: correlationOf(job) }),
      signal,
      isLastAttempt: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
      isRepeat: job.attemptsStarted > 1,
      hasFailed: job.attemptsMade > 0,
    };
    if (isProbe(job)) return 'a probe that was left behind';
    if (!validator.Check(job.data)) throw new UnrecoverableError('malformed payload');
    const stopTimer = options.metrics.jobSeconds.startTimer({ queue: contract.name });
    const outcome = await handler(job.data, context).catch((error: unknown) => {
      stopTimer({ outcome: 'error' });
      context.log.error({ err: error, attempt: job.attemptsMade + 1 }, 'job failed');
      throw error;
    });
    stopTimer({ outcome: outcome.kind });
    return carryOut(outcome, job, token, options.clock);
  };
  return new Consumer({ backend, name: contract.name, concurrency: options.concurrency, process, log });
}

async function carryOut(
  outcome: JobOutcome,
  job: Job,
  token: string | undefined,
  clock: Clock,
): Promise<string> {
  switch (outcome.kind) {
    case 'done':
      return outcome.detail ?? 'done';
    case 'skip':
      return `skipped: ${outcome.reason}`;
    case 'dead':
      throw new UnrecoverableError(outcome.reason);
    case 'later':
      await job.moveToDelayed(machineTime(outcome.at, clock).epochMilliseconds, token);
      throw new DelayedError(outcome.reason);
  }
}

const correlationOf = (job: Job): string => job.data?.correlationId ?? job.id;

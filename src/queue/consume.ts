/** Runs a handler on a queue: payload checked, outcome carried out, time and result recorded. */
import { DelayedError, type Job, UnrecoverableError, type Worker } from 'bullmq';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Clock, machineTime } from '../clock.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Outcome } from '../contracts/outcome.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { QueueBackend } from './backend.ts';

/** What every handler gets beside its payload. `isLastAttempt`: the queue will not try again by itself. */
export type JobContext = { log: Log; signal: AbortSignal | undefined; isLastAttempt?: boolean };

export type Handler<Schema extends TSchema> = (
  payload: Static<Schema>,
  context: JobContext,
) => Promise<Outcome>;

export type ConsumeOptions = { concurrency: number; clock: Clock; log: Log; metrics: Metrics };

/**
 * A worker that died is noticed after its lock has run out, and its job goes to another as often as it
 * takes: the defaults take a minute and give up at the second time.
 */
const crashRecovery = { lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 10 };

export function consume<Schema extends TSchema>(
  backend: QueueBackend,
  contract: Contract<Schema>,
  handler: Handler<Schema>,
  options: ConsumeOptions,
): Worker {
  const validator = Compile(contract.schema);
  const log = options.log.child({ queue: contract.name });
  const process = async (job: Job, token?: string, signal?: AbortSignal) => {
    const context = {
      log: log.child({ jobId: job.id, correlationId: correlationOf(job) }),
      signal,
      isLastAttempt: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
    };
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
  const worker = backend.worker(contract.name, process, {
    concurrency: options.concurrency,
    ...crashRecovery,
  });
  worker.on('error', (err) => log.error({ err }, 'worker error'));
  return worker;
}

async function carryOut(
  outcome: Outcome,
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

/** The type of a scheduled job, and the part of the services that it uses. */
import type { JobContext } from '../runtime/queues/consume.ts';
import type { JobOutcome } from '../runtime/queues/outcome.ts';
import type { Queues } from '../runtime/queues/enqueue.ts';
import type { Services } from '../services.ts';
import type { Schedule } from './cron-slots.ts';

export type JobServices = Pick<Services, 'db' | 'clock' | 'channelSetup' | 'config' | 'log'> & {
  queues: Pick<Queues, 'enqueue' | 'enqueueAgain'>;
};

/** A scheduled job. It may run late or twice for the same slot, so its work must be idempotent. */
export type ScheduledJob = Schedule & {
  /** One line about the job for operators. */
  about: string;
  run(slot: Temporal.Instant, services: JobServices, context: JobContext): Promise<JobOutcome>;
};

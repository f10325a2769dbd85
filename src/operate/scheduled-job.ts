/** The shape of a scheduled job, and the part of the services it works with. */
import type { JobContext } from '../runtime/queues/consume.ts';
import type { JobOutcome } from '../runtime/queues/outcome.ts';
import type { Queues } from '../runtime/queues/queues.ts';
import type { Services } from '../services.ts';
import type { Schedule } from './cron-slots.ts';

export type JobServices = Pick<Services, 'db' | 'clock' | 'channelSetup' | 'log'> & {
  queues: Pick<Queues, 'enqueue' | 'enqueueAgain'>;
};

/** A job may run late, and again for the same slot: doing its work twice must come out as doing it once. */
export type ScheduledJob = Schedule & {
  /** One line for operators. */
  about: string;
  run(slot: Temporal.Instant, services: JobServices, context: JobContext): Promise<JobOutcome>;
};

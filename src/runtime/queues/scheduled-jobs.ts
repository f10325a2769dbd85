/** The queues of claimed slots of scheduled jobs, handled by the worker `run-job`. */
import { Type } from 'typebox';
import { type Contract, defineContract } from './contract.ts';

const schema = Type.Object({ job: Type.String(), slot: Type.String() });

/** A scheduler has claimed a slot of a scheduled job. `slot` is an instant. */
export const scheduledJobs = defineContract({
  name: 'scheduled-jobs',
  worker: 'run-job',
  schema,
  jobId: ({ job, slot }) => `${job}-${Temporal.Instant.from(slot).epochMilliseconds}`,
  title: ({ job, slot }) => `${job} ${slot}`,
  attempts: 3,
});

/** The slots of urgent jobs. Long ones never take the places of this queue. */
export const urgentJobs: Contract<typeof schema> = defineContract({ ...scheduledJobs, name: 'urgent-jobs' });

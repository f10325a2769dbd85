/** The queue of claimed slots of scheduled jobs, handled by the worker `run-job`. */
import { Type } from 'typebox';
import { defineContract } from './contract.ts';

/** A scheduler has claimed a slot of a scheduled job. `slot` is an instant. */
export const scheduledJobs = defineContract({
  name: 'scheduled-jobs',
  worker: 'run-job',
  schema: Type.Object({ job: Type.String(), slot: Type.String() }),
  jobId: ({ job, slot }) => `${job}-${Temporal.Instant.from(slot).epochMilliseconds}`,
  title: ({ job, slot }) => `${job} ${slot}`,
  attempts: 3,
});

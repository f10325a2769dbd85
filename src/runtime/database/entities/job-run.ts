import { defineEntity, p } from '@mikro-orm/core';
import { instant } from './columns.ts';

/** One claimed slot of one scheduled job. The row is inserted once and never deleted, so no slot is claimed twice. */
export const JobRun = defineEntity({
  name: 'JobRun',
  tableName: 'job_runs',
  indexes: [
    {
      // find-unfinished: claimed slots that are not finished, to enqueue again.
      name: 'job_runs_unfinished',
      expression:
        "create index job_runs_unfinished on job_runs (changed_at) where status in ('queued', 'running')",
    },
  ],
  properties: {
    job: p.text().primary(),
    slot: instant().primary(),
    status: p.text(),
    outcome: p.text().nullable(),
    changedAt: instant().name('changed_at'),
  },
});

import { defineEntity, p } from '@mikro-orm/core';
import { instant } from './columns.ts';

/** One slot of one scheduled job. The row is made once and never given back: no slot runs twice. */
export const JobRun = defineEntity({
  name: 'JobRun',
  tableName: 'job_runs',
  indexes: [
    {
      // find-unfinished: slots claimed and not finished, to be queued again.
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

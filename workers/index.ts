/** The table of workers: the handler of each queue's contract, and the number of jobs a process runs at a time. */
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { contracts } from '../src/queue-contracts.ts';
import type { Contract } from '../src/runtime/queues/contract.ts';
import type { Handler } from '../src/runtime/queues/consume.ts';
import type { Services } from '../src/services.ts';
import { confirmAddresses } from './confirm-addresses.ts';
import { deliver } from './deliver.ts';
import { evaluateAlerts } from './evaluate-alerts.ts';
import { notify } from './notify.ts';
import { recommend } from './recommend.ts';
import { runJob } from './run-job.ts';

type WorkerTable = {
  [Name in keyof typeof contracts]: {
    concurrency: number;
    handler: (
      services: Services,
      jobs: readonly ScheduledJob[],
    ) => Handler<(typeof contracts)[Name]['schema']>;
  };
};

/** Exhaustive by type: a contract without a worker does not compile. */
export const workers: WorkerTable = {
  expenseEvents: { concurrency: 2, handler: evaluateAlerts },
  notifications: { concurrency: 4, handler: notify },
  // Three channels run at most six jobs each, which leaves two for the in-app channel.
  deliveries: { concurrency: 20, handler: (services) => deliver(services) },
  addressConfirmations: { concurrency: 2, handler: (services) => confirmAddresses(services) },
  recommendations: { concurrency: 1, handler: (services) => recommend(services) },
  scheduledJobs: { concurrency: 2, handler: runJob },
  // A place for each urgent job: none of them runs twice at a time.
  urgentJobs: { concurrency: 2, handler: runJob },
};

/** The names of all workers, as used in the setting `WORKERS`. */
export const workerNames: readonly string[] = [
  ...new Set(Object.values<Contract>(contracts).map(({ worker }) => worker)),
];

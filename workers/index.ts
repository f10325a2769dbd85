/** The workers: each contract with its handler and what that is given. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Contract } from '../src/contracts/contract.ts';
import { contracts, deliveries, notifications, recommendations } from '../src/contracts/index.ts';
import { claimDelivery } from '../src/db/queries/claim-delivery.ts';
import { evaluateBatches } from '../src/db/queries/evaluate-batches.ts';
import { findUnfinishedNotifications } from '../src/db/queries/find-unfinished.ts';
import { planDeliveries } from '../src/db/queries/plan-deliveries.ts';
import { rebuildProfile } from '../src/db/queries/rebuild-profile.ts';
import { recordDelivery } from '../src/db/queries/record-delivery.ts';
import type { Handler } from '../src/queue/consume.ts';
import type { Services } from '../src/services.ts';
import { runDependencies } from '../jobs/index.ts';
import { deliver } from './deliver.ts';
import { evaluateAlerts } from './evaluate-alerts.ts';
import { notify } from './notify.ts';
import { recommend } from './recommend.ts';
import { runJob } from './run-job.ts';

type WorkerTable = {
  [Name in keyof typeof contracts]: {
    concurrency: number;
    handler: (services: Services) => Handler<(typeof contracts)[Name]['schema']>;
  };
};

/** Exhaustive by type: a contract without a worker does not compile. */
export const workers: WorkerTable = {
  expenseEvents: {
    concurrency: 2,
    handler: ({ db, clock, queues, metrics }) =>
      evaluateAlerts({
        evaluate: (batches) => evaluateBatches(db, batches, clock.now()),
        findUndecided: (tenantIds) =>
          db.transaction(tenantIds, (sql) => findUnfinishedNotifications(sql, tenantIds, clock.now())),
        ring: (payloads) => queues.ring(notifications, payloads),
        ringProfiles: (payloads) => queues.ring(recommendations, payloads),
        observe: ({ outcomes, receivedAt }) => {
          for (const outcome of outcomes) metrics.decisions.inc({ outcome });
          metrics.appliedSeconds.observe(clock.now().since(receivedAt).total('seconds'));
        },
      }),
  },
  notifications: {
    concurrency: 4,
    handler: ({ db, clock, queues, means }) =>
      notify({
        plan: (ref) => planDeliveries(db, ref, means, clock.now()),
        ring: (payloads) => queues.ring(deliveries, payloads),
      }),
  },
  deliveries: {
    // Three channels hold four places each at most, so there are some left for the one that waits for nobody.
    concurrency: 16,
    handler: ({ db, clock, channels, metrics }) =>
      deliver({
        claim: (ref, abandonedAttempt) =>
          db.transaction([ref.tenantId], (sql) => claimDelivery(sql, ref, clock.now(), abandonedAttempt)),
        record: (ref, record) => recordDelivery(db, ref, record, clock.now()),
        channelOf: (channel) => channels.get(channel),
        count: (channel, status) => metrics.deliveries.inc({ channel, status }),
        now: () => clock.now(),
        jitter: Math.random,
      }),
  },
  recommendations: {
    concurrency: 1,
    handler: ({ db, clock }) =>
      recommend({
        rebuild: (ref, how) => rebuildProfile(db, ref, clock.now(), how),
        rest: (ms, signal) => delay(ms, undefined, signal && { signal }).catch(() => undefined),
        uptime: () => performance.now(),
      }),
  },
  scheduledJobs: { concurrency: 2, handler: (services) => runJob(runDependencies(services)) },
};

/** The names of all workers, as the setting `WORKERS` takes them. */
export const workerNames: readonly string[] = Object.values<Contract>(contracts).map(({ worker }) => worker);

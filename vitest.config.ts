import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** Everything that queues has to work alike on both stores. */
const onBothStores = [
  'test/contract/*/{events,notifications,rules,strangers,stream,stream-resume,webhooks}.test.ts',
  'test/contract/*/{provider-callbacks,rate-limits}.test.ts',
  'test/integration/*/{deliver,notify,periods,period-jobs,sweep-pending,reconcile-spending,same-moment}.test.ts',
  'test/integration/*/{edit-rules,go-on,interleaving,stale-jobs}.test.ts',
];

/**
 * What hardly queues, and whole processes, which take as long again: on Redis when asked for,
 * `TEST_EVERYTHING=1 npm test`.
 */
const allOnBothStores = [
  'test/contract/*/*.test.ts',
  'test/integration/*/{daily-cap,quiet-hours}.test.ts',
  'test/e2e/*/{cli,clocks,crash,demo,import,start-gate,statements,stopping}.test.ts',
];

/** Minutes of waiting for what is over in days, or for claims to expire: when asked for. */
const long = process.env['TEST_EVERYTHING'] ? [] : ['test/e2e/*/{digests,half-way}.test.ts'];

/** For the processes the tests start, and for their own: most of what they do is to begin. */
process.env['NODE_COMPILE_CACHE'] ??= path.resolve('node_modules/.cache/compile');

/**
 * Files keep what they change to themselves, so the next one runs in the same process: loading the service's modules
 * again for each took a third of the run.
 */
const shared = { testTimeout: 60_000, hookTimeout: 60_000, pool: 'forks', isolate: false } as const;

export default defineConfig({
  test: {
    // The one PostgreSQL and the one Redis of the run, for the projects below alike.
    globalSetup: ['test/support/global-setup.ts'],
    // Files own their databases and wait more than they compute: side by side, also on two cores.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...shared, name: 'postgres', include: ['test/**/*.test.ts'], exclude: long } },
      {
        test: {
          ...shared,
          name: 'redis',
          include: process.env['TEST_EVERYTHING'] ? [...onBothStores, ...allOnBothStores] : onBothStores,
          env: { TEST_QUEUES: 'redis' },
          setupFiles: ['test/support/skip-without-redis.ts'],
        },
      },
    ],
  },
});

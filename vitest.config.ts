import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** Tests of everything that uses queues: they must pass on both stores. */
const onBothStores = [
  'test/contract/*/{events,notifications,rules,strangers,stream,stream-resume,webhooks}.test.ts',
  'test/contract/*/{provider-callbacks,rate-limits}.test.ts',
  'test/integration/*/{deliver,notify,periods,period-jobs,sweep-pending,reconcile-spending,same-moment}.test.ts',
  'test/integration/*/{edit-rules,go-on,group-jobs,grouping,stale-jobs}.test.ts',
];

/**
 * Tests that hardly use queues, and tests of whole processes. They would double the time, so they run on Redis only
 * with `TEST_EVERYTHING=1 npm test`.
 */
const allOnBothStores = [
  'test/contract/*/*.test.ts',
  'test/integration/*/{daily-cap,interleaving,quiet-hours}.test.ts',
  'test/e2e/*/{anomaly-crash,cli,clocks,crash,demo,group-wait,import,start-gate,statements,stopping}.test.ts',
];

/** Tests that replay days and files, kill many processes, or wait minutes for claims. They run only with `TEST_EVERYTHING=1`. */
const long = process.env['TEST_EVERYTHING']
  ? []
  : [
      'test/e2e/*/{anomaly-crash,digests,group-wait,half-way,kill-between-statements,silent-process,statements}.test.ts',
    ];

/** Speeds up the start of the processes that tests start, and of the tests' own; starting is most of their work. */
process.env['NODE_COMPILE_CACHE'] ??= path.resolve('node_modules/.cache/compile');

/**
 * Test files do not affect each other, so they share a process (`isolate: false`). Loading the service's modules
 * again for each file took a third of the run.
 */
const shared = { testTimeout: 60_000, hookTimeout: 60_000, pool: 'forks', isolate: false } as const;

export default defineConfig({
  test: {
    // Starts one PostgreSQL and one Redis for all projects below.
    globalSetup: ['test/support/global-setup.ts'],
    // Each file has its own database, and waits more than it computes. So files run side by side, even on two cores.
    // With four, tests of whole processes starved others on slow machines.
    maxWorkers: 3,
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

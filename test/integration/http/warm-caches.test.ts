/** A web process fills its caches when it starts, before the first request. */
import { afterEach, expect, test, vi } from 'vitest';
import { Caches } from '../../../src/runtime/cache/caches.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { CachedBenchmarks } from '../../../src/http/cached/cached-benchmarks.ts';
import { CachedRecommendations } from '../../../src/http/cached/cached-recommendations.ts';
import { CachedRules } from '../../../src/http/cached/cached-rules.ts';
import { warmCaches } from '../../../src/http/cached/warm-caches.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';
import { draftOf, start } from '../../support/worlds/alerts/batches.ts';
import { CohortWorld, october, spenders } from '../../support/worlds/cohort-world.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';

const { db } = await databaseOfFile();
const world = await CohortWorld.make(db);
await world.spend(...spenders(12));
await world.compute();
const userId = 'p01';
const person = { tenantId: world.tenantId, userId };
await createRule(db, person, draftOf({}), start);

let caches: Caches;
afterEach(() => caches.close());

function begin() {
  const metrics = createMetrics();
  caches = Caches.inMemory({ metrics, log: createLog('silent') });
  const deps = { db, caches, clock: new SteppedClock(start.toString()) };
  const cached = {
    rules: new CachedRules(deps),
    recommendations: new CachedRecommendations(deps),
    benchmarks: new CachedBenchmarks(deps),
  };
  const keys = [
    ['rules', `${person.tenantId}:${userId}`],
    ['recommendations', `${person.tenantId}:${userId}`],
    ['benchmarks', `${person.tenantId}:latest:food`],
  ] as const;
  /** The number of caches that hold a value for the person. */
  const known = async () => {
    const recalled = await Promise.all(keys.map(([name, key]) => caches.open(name).recall(key)));
    return recalled.filter((value) => value !== undefined).length;
  };
  const results = async () =>
    (await metrics.cacheRequests.get()).values.map(({ labels, value }) => ({ ...labels, value }));
  return { cached, known, results };
}

test('the first answers after the caches are warmed are hits', async () => {
  const { cached, known, results } = begin();
  await warmCaches(db, cached, new AbortController().signal);
  await vi.waitFor(async () => expect(await known()).toBe(3));

  expect(await cached.rules.list(person, { limit: 51, after: null })).toHaveLength(1);
  const page = { status: 'suggested', limit: 51, after: null } as const;
  expect(await cached.recommendations.list(person, page)).toMatchObject({ found: [] });
  expect(await cached.benchmarks.find(person.tenantId, 'food', null)).toMatchObject({ month: october });
  expect(await results()).toEqual([
    { cache: 'rules', result: 'hit', value: 1 },
    { cache: 'recommendations', result: 'hit', value: 1 },
    { cache: 'benchmarks', result: 'hit', value: 1 },
  ]);
});

test('warming stops when the process stops', async () => {
  const { cached, known } = begin();
  const read = vi.spyOn(cached.rules, 'warm');
  await warmCaches(db, cached, AbortSignal.abort());
  expect(read).not.toHaveBeenCalled();
  expect(await known()).toBe(0);
});

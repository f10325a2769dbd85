/** A benchmark from the cache equals the stored one: the check of a cached value sees every change of its sources. */
import { afterAll, expect, test } from 'vitest';
import { Caches } from '../../../src/runtime/cache/caches.ts';
import { CachedBenchmarks } from '../../../src/http/cached/cached-benchmarks.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';
import { CohortWorld, october, spenders } from '../../support/worlds/cohort-world.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';

const { db } = await databaseOfFile();
const metrics = createMetrics();
const caches = Caches.inMemory({ metrics, log: createLog('silent') });
afterAll(() => caches.close());

const cached = new CachedBenchmarks({ db, caches });
const uncached = new CachedBenchmarks({ db, caches: null });

/** Counts hits and misses. */
async function countRequests(): Promise<[number, number]> {
  const { values } = await metrics.cacheRequests.get();
  const count = (result: string) => values.find(({ labels }) => labels['result'] === result)?.value ?? 0;
  return [count('hit'), count('miss')];
}

test('a benchmark is read once, and again after each change', async () => {
  const world = await CohortWorld.make(db);
  const { tenantId } = world;
  const both = async (month: string | null = null) => {
    const answer = await cached.find(tenantId, 'food', month);
    expect(answer).toEqual(await uncached.find(tenantId, 'food', month));
    return answer;
  };
  const misses = async (work: () => Promise<unknown>) => {
    const [, before] = await countRequests();
    await work();
    await work();
    return (await countRequests())[1] - before;
  };

  expect(await both()).toBeNull();
  await world.spend(...spenders(12));
  await world.compute();
  expect(await misses(() => both())).toBe(1);
  expect(await both()).toMatchObject({ median: 6500n, monthOverMonthPct: null });

  await world.spend(...spenders(12));
  await world.compute();
  expect(await misses(() => both())).toBe(1);
  expect(await both()).toMatchObject({ median: 13_000n });

  await world.spend(...spenders(12).map((each) => ({ ...each, day: '2026-09-09' })));
  await world.compute('2026-09-01');
  expect(await misses(() => both())).toBe(1);
  expect(await both()).toMatchObject({ month: october, monthOverMonthPct: 100 });
  expect(await both('2026-09-01')).toMatchObject({ month: '2026-09-01' });

  await world.counts('food', 'eating');
  expect(await both()).toBeNull();
  await world.compute();
  expect(await both()).toMatchObject({ monthOverMonthPct: null });

  // Another category takes `food` as its benchmark key.
  await world.spend({ userId: 'p01', minor: 1n, category: 'rent' });
  await world.counts('rent', 'food');
  expect(await cached.find(tenantId, 'rent', null)).toBeNull();
  await world.counts('food', null);
  expect(await cached.find(tenantId, 'rent', null)).toMatchObject({ median: 13_000n });

  const stranger = await CohortWorld.make(db);
  await stranger.spend({ userId: 'p01', minor: 1n });
  expect(await cached.find(stranger.tenantId, 'food', null)).toBeNull();
});

/** The worker that rebuilds profiles rests between runs, so that alerts keep most of the processor. */
import { expect, test, vi } from 'vitest';
import { createLog } from '../../../src/runtime/log.ts';
import type { Database } from '../../../src/runtime/database/database.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { recommend, type RecommendSteps } from '../../../workers/recommend.ts';

type Rebuilt = Awaited<ReturnType<RecommendSteps['rebuild']>>;

const evaluated = { notifications: [], outcomes: [] };

/** Returns how long a run rested after it took `tookMs` to answer `rebuilt`. */
async function restAfter(rebuilt: Rebuilt, tookMs: number): Promise<number | null> {
  const rest = vi.fn(async (_ms: number) => undefined);
  let uptime = 1000;
  const rebuild = async () => {
    uptime += tookMs;
    return rebuilt;
  };
  const payload = { tenantId: 't', profileId: 'p', correlationId: 'c' };
  const context = { log: createLog('silent'), signal: undefined };
  // Rebuilding is replaced, so no database is used.
  const clock = new SteppedClock('2026-11-10T12:00:00Z');
  const queues = { enqueue: async () => undefined };
  const services = { db: {} as Database, clock, queues, metrics: createMetrics() };
  await recommend(services, { rebuild, rest, uptime: () => uptime })(payload, context);
  return rest.mock.calls[0]?.[0] ?? null;
}

test('a rebuild rests four times its duration while others wait, at most two seconds', async () => {
  expect(await restAfter({ kind: 'rebuilt', profiles: 21, evaluated }, 30)).toBe(120);
  expect(await restAfter({ kind: 'rebuilt', profiles: 2, evaluated }, 60_000)).toBe(2_000);
});

test('a rebuild does not rest when nobody else waits', async () => {
  expect(await restAfter({ kind: 'rebuilt', profiles: 1, evaluated }, 30)).toBeNull();
  expect(await restAfter({ kind: 'gone' }, 30)).toBeNull();
  const at = Temporal.Instant.from('2026-11-10T12:00:00Z');
  expect(await restAfter({ kind: 'soon', at }, 30)).toBeNull();
});

/**
 * Redis is away for a minute under load. Measures the answers of ingest meanwhile, and the time after its return until
 * every accepted event is evaluated.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { PrivateRedis } from '../support/servers/redis.ts';
import { cpuFigures, measureEvents, serverPid } from './cpu.ts';
import { pacedLoad } from './paced-load.ts';
import type { BenchResult } from './result.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import { drained, eventBody, makeTenant, openDatabase, settingsOf } from './world.ts';

const awaySeconds = 60;
/** Seconds of load before Redis goes away and after it is back. */
const marginSeconds = 5;
const eventsPerSecond = 500;

export async function benchOutage(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { client } = database;
  const redis = stack.adopt(await PrivateRedis.start(), (redis) => redis.kill());
  const tenant = await makeTenant(database.serviceUrl);
  const env = { ...settingsOf(database), REDIS_URL: redis.url };
  const postgres = await serverPid(client);
  await using worker = await startProcess(processOf('worker'), env);
  await using clock = await startProcess(processOf('clock'), env);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const pids = { web, worker: worker.pid, clock: clock.pid, postgres };
    const { result, cpu, count } = await measureEvents(client, pids, async () => {
      const posting = pacedLoad({
        url: `${url}/api/events`,
        seconds: awaySeconds + 2 * marginSeconds,
        headers: { authorization: `Bearer ${tenant.apiKey}` },
        body: eventBody,
        eventsPerSecond,
      });
      await delay(marginSeconds * 1000);
      await redis.kill();
      await delay(awaySeconds * 1000);
      const left = await client.query('select 1 from event_batches where applied_at is null');
      await redis.start();
      const backAt = performance.now();
      const posted = await posting;
      await drained(client);
      return { ...posted, waiting: left.rows.length, evaluatedMs: performance.now() - backAt };
    });
    return {
      name: 'outage',
      figures: {
        'events answered 202': { value: result.accepted, unit: 'events' },
        'requests answered otherwise': { value: result.refused, unit: 'requests' },
        'time to the 202, 99th percentile': { value: result.p99Ms, unit: 'ms' },
        'batches waiting when Redis is back': { value: result.waiting, unit: 'batches' },
        'all evaluated after its return': { value: result.evaluatedMs / 1000, unit: 's' },
        ...cpuFigures('an event', { cpu, count }),
      },
      ratios: {},
    };
  });
}

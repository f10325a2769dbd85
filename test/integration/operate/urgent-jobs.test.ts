/** Long jobs take every place of their queue, and keep neither the sweep nor the release of deferred notifications waiting. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { schedules } from '../../../jobs/index.ts';
import { listRuns } from '../../../src/operate/job-runs.ts';
import { Scheduler } from '../../../src/operate/scheduler.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { expectWaiting } from '../../support/worlds/while-locked.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['worker'] });
});
afterAll(() => service.stop());

const long = ['expire-recommendations', 'measure-recommendations', 'retention'];
const short = ['sweep-pending', 'wake-deferred'];

async function tick(names: readonly string[]): Promise<void> {
  const jobs = schedules.filter(({ name }) => names.includes(name));
  await new Scheduler({ ...service.services, jobs }).tick();
}

const statusesOf = async (names: readonly string[]): Promise<string[]> =>
  (await listRuns(service.services.db.sql, service.clock.now()))
    .filter(({ job }) => names.includes(job))
    .map(({ job, status }) => `${job} ${status}`)
    .toSorted();

test('jobs that run for long leave places to the sweep and to what is released after quiet hours', async () => {
  const soon = { timeout: 20_000, interval: 20 };
  await service.sql.transaction().execute(async (holding) => {
    await statement`lock table smart_recommendations, daily_interruptions`.execute(holding);
    await tick(long);
    await expectWaiting(service.sql, 2);
    await tick(short);
    await vi.waitFor(
      async () => expect(await statusesOf(short)).toEqual(['sweep-pending done', 'wake-deferred done']),
      soon,
    );
    expect((await statusesOf(long)).filter((each) => each.endsWith('running'))).toHaveLength(2);
  });
  await vi.waitFor(
    async () => expect(await statusesOf(long)).toEqual(long.map((each) => `${each} done`)),
    soon,
  );
});

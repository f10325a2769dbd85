/** Readiness and `doctor` say when scheduled jobs do not run, judged by runs that ended. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runJobNow, schedules } from '../../../jobs/index.ts';
import { checkWork } from '../../../src/cli/doctor/check-work.ts';
import { intervalOf } from '../../../src/operate/cron-slots.ts';
import { Scheduler } from '../../../src/operate/scheduler.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { QueueRecorder } from '../../support/worlds/queue-recorder.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

/** Readiness is kept for a second. */
const expectReadiness = (expected: { status: string; jobs: object }) =>
  vi.waitFor(
    async () => {
      const { status, body } = await service.get('/health/ready');
      expect(status).toBe(200);
      expect(body).toMatchObject({ status: expected.status, checks: { jobs: expected.jobs } });
    },
    { timeout: 10_000, interval: 100 },
  );

/** The verdict of `doctor`, by the clock of this service. */
async function doctor() {
  const { sql, clock, services } = service;
  const offset_ms = String(clock.now().epochMilliseconds - Temporal.Now.instant().epochMilliseconds);
  await sql.deleteFrom('service_clock').execute();
  await sql.insertInto('service_clock').values({ id: true, offset_ms }).execute();
  return (await checkWork(services.db)).find(({ name }) => name === 'scheduled jobs');
}

const runAll = async (names = schedules.map(({ name }) => name)): Promise<void> => {
  for (const name of names) await runJobNow(service.services, name, service.clock.now());
};

test('a fresh installation is ready, and says after two minutes that no job has run', async () => {
  await expectReadiness({ status: 'ok', jobs: { ok: true } });
  expect(await doctor()).toMatchObject({ status: 'warn', seen: 'none has run yet' });
  service.clock.advance({ seconds: 121 });
  await expectReadiness({
    status: 'degraded',
    jobs: {
      ok: false,
      reason: expect.stringMatching(/no run has ended for three intervals: .*sweep-pending/),
    },
  });
});

test('a job is overdue after three of its own intervals without a run that ended, whatever was claimed', async () => {
  await runAll();
  await expectReadiness({ status: 'ok', jobs: { ok: true } });
  expect(await doctor()).toMatchObject({ status: 'ok' });

  service.clock.advance({ minutes: 3, seconds: 1 });
  const several = ['sweep-pending', 'reprice-expenses', 'move-days'];
  await runAll(several);
  const jobs = schedules.filter(({ name }) => !several.includes(name));
  await new Scheduler({ ...service.services, queues: new QueueRecorder(), jobs }).tick();
  const everyMinute = 'end-cooldowns, wake-deferred, daily-summary';
  await expectReadiness({
    status: 'degraded',
    jobs: { ok: false, reason: `no run has ended for three intervals: ${everyMinute}` },
  });
  const found = await doctor();
  expect(found).toMatchObject({ status: 'warn', fix: expect.stringContaining('clock') });
  expect(found?.seen).toContain('no run of wake-deferred has ended for 3 minutes');

  await runAll(everyMinute.split(', '));
  await expectReadiness({ status: 'ok', jobs: { ok: true } });
});

test('a job that is not to run for hours is not overdue before three of its intervals', async () => {
  service.clock.advance({ hours: 24 * 3 });
  await runAll(schedules.filter(({ name }) => name !== 'retention').map(({ name }) => name));
  await expectReadiness({ status: 'ok', jobs: { ok: true } });
  service.clock.advance({ minutes: 1 });
  await runAll(schedules.filter(({ name }) => name !== 'retention').map(({ name }) => name));
  service.clock.advance({ minutes: 1 });
  await expectReadiness({
    status: 'degraded',
    jobs: { ok: false, reason: expect.stringMatching(/intervals: retention$/) },
  });
});

test('a process that starts where nothing has run for long is given two minutes', async () => {
  service.clock.advance({ hours: 24 * 30 });
  const other = await startService({
    roles: ['web'],
    databaseUrl: service.databaseUrl,
    clock: service.clock,
  });
  try {
    const { body } = await other.get('/health/ready');
    expect(body).toMatchObject({ status: 'ok', checks: { jobs: { ok: true } } });
    await expectReadiness({ status: 'degraded', jobs: { ok: false } });
  } finally {
    await other.stop();
  }
});

test('the interval of a schedule is the longest between its last slots', () => {
  const now = Temporal.Instant.from('2026-11-10T12:00:00Z');
  expect(intervalOf('*/15 * * * * *', now)).toBe(15_000);
  expect(intervalOf('15 2 * * *', now)).toBe(86_400_000);
  expect(intervalOf('0 8,20 * * *', now)).toBe(12 * 3_600_000);
  expect(intervalOf('0 8,9 * * *', now)).toBe(23 * 3_600_000);
});

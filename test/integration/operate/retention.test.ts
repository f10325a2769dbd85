/** Retention: old rows that it deletes, rows that it keeps, and figures that stay the same. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { deleteOldEvents } from '../../../src/operate/delete-old-events.ts';
import { startService, startsAt, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const event = (id: string, time: string) => ({
  id,
  type: 'expense.created',
  time,
  data: { expenseId: id, userId: 'u1', categoryId: 'food', amount: '42.10', currency: 'USD', spentAt: time },
});

const post = (body: object) => service.post('/api/events', body, service.tenant.apiKey);
const readStatus = async (id: string) =>
  (await service.get(`/api/events/api/${id}`, service.tenant.apiKey)).status;
const run = (job: string) => runJobNow(service.services, job, service.clock.now());
const count = async (table: 'events' | 'event_batches' | 'expenses') =>
  (await service.sql.selectFrom(table).select('tenant_id').execute()).length;
const interruptedDays = async () =>
  (await service.sql.selectFrom('daily_interruptions').select('day').execute()).map(({ day }) => day);
const slots = async (job: string) =>
  (await service.sql.selectFrom('job_runs').select('slot').where('job', '=', job).execute()).length;

test('retention deletes old events, runs and quota counts, keeps expenses, and repeats change no figure', async () => {
  const token = await service.token('u1');
  const rule = await service.post(
    '/api/smart-alerts/rules',
    { budgetAmount: '100', period: 'yearly' },
    token,
  );
  const spent = async () =>
    (await service.get(`/api/smart-alerts/rules/${rule.body.data.id}`, token)).body.data.spent;
  await post(event('old', startsAt));
  await service.settled();
  await run('end-cooldowns');
  await service.sql
    .insertInto('daily_interruptions')
    .values({ tenant_id: service.tenant.tenantId, user_id: 'u1', day: '2026-11-10', count: 3 })
    .execute();
  expect(await interruptedDays()).toContain('2026-11-10');

  service.clock.moveTo(Temporal.Instant.from('2026-12-09T12:00:00Z'));
  await post(event('kept', '2026-12-09T11:00:00Z'));
  await service.settled();
  await run('end-cooldowns');
  expect(await run('retention')).toMatchObject({
    outcome: 'deleted 0 events, 0 runs and 0 audit records',
  });
  expect(await interruptedDays()).not.toContain('2026-11-10');

  service.clock.moveTo(Temporal.Instant.from('2027-02-08T11:59:59Z'));
  expect(await run('retention')).toMatchObject({ outcome: expect.stringMatching(/^deleted 0 events/) });
  expect(await slots('end-cooldowns')).toBe(1);
  service.clock.moveTo(Temporal.Instant.from('2027-02-08T12:00:01Z'));
  expect(await run('retention')).toMatchObject({ outcome: expect.stringMatching(/^deleted 1 events/) });
  expect([await readStatus('old'), await readStatus('kept')]).toEqual([404, 200]);
  expect([await count('events'), await count('event_batches'), await count('expenses')]).toEqual([1, 1, 2]);

  const before = await spent();
  const again = await post(event('old', startsAt));
  expect(again.body).toMatchObject({ accepted: 1, duplicates: 0 });
  await service.settled();
  expect([await spent(), await count('expenses')]).toEqual([before, 2]);
});

test('retention keeps batches that were not applied, and deletes no more at a time than its limit', async () => {
  const { tenantId } = service.tenant;
  const received = '2026-08-01T12:00:00Z';
  await service.sql
    .insertInto('event_batches')
    .values([
      {
        tenant_id: tenantId,
        id: '01a20366-d534-7ad4-baa5-cf2d92957600',
        event_count: 1,
        received_at: received,
        applied_at: null,
      },
      {
        tenant_id: tenantId,
        id: '01a20366-d534-7ad4-baa5-cf2d92957601',
        event_count: 1,
        received_at: received,
        applied_at: received,
      },
      {
        tenant_id: tenantId,
        id: '01a20366-d534-7ad4-baa5-cf2d92957602',
        event_count: 1,
        received_at: received,
        applied_at: received,
      },
    ])
    .execute();
  const before = Temporal.Instant.from('2026-09-01T12:00:00Z');
  const remove = () =>
    service.services.db.transaction([tenantId], (sql) => deleteOldEvents(sql, tenantId, before, 1));
  expect(await remove()).toEqual({ batches: 1, events: 0 });
  expect(await remove()).toEqual({ batches: 1, events: 0 });
  expect(await remove()).toEqual({ batches: 0, events: 0 });
  const left = await service.sql
    .selectFrom('event_batches')
    .select('id')
    .where('received_at', '=', received)
    .execute();
  expect(left).toEqual([{ id: '01a20366-d534-7ad4-baa5-cf2d92957600' }]);
});

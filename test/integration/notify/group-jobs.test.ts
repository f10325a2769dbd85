/** The jobs of alerts that wait for others: one of them releases the group, and a lost one is found. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { findUnfinishedNotifications } from '../../../src/operate/find-unfinished.ts';
import type { Channel } from '../../../src/values/channels.ts';
import type { NotificationRef } from '../../../src/values/refs.ts';
import { Person } from '../../support/worlds/person.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { quotaOf } from '../../support/worlds/rows.ts';
import { notify } from '../../../workers/notify.ts';

const waitSeconds = 30;
let service: TestService;
let person: Person;

beforeAll(async () => {
  // Only the test runs the handler.
  const env = { WORKERS: 'evaluate-alerts', GROUP_WAIT_SECONDS: String(waitSeconds) };
  service = await startService({ env });
});
afterAll(() => service.stop());
beforeEach(async () => {
  person = await Person.arrives(service);
  const email = `${person.userId}@example.com`;
  await service.put(`/api/users/${person.userId}`, { email }, service.tenant.adminKey);
});

/** The handler with these channels configured, and what it enqueues. */
function notifier(...channels: Channel[]) {
  const { db, channelSetup } = service.services;
  const enqueued: string[] = [];
  const queues = {
    enqueue: async (_contract: unknown, payloads: readonly unknown[]) =>
      void enqueued.push(...payloads.map((payload) => String(Reflect.get(Object(payload), 'channel')))),
  };
  const setup = { ...channelSetup, configured: new Set(channels) };
  const handler = notify({ db, clock: service.clock, queues, channelSetup: setup });
  const call = (ref: NotificationRef) =>
    handler({ ...ref, correlationId: 'c1' }, { log: pino({ level: 'silent' }), signal: undefined });
  return { call, enqueued };
}

const readAll = () =>
  service.sql
    .selectFrom('notification_history')
    .select(['id', 'type', 'status', 'reason', 'until', 'evaluation'])
    .where('user_id', '=', person.userId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();

/** Opens one alert for each budget by one expense, and returns their references. */
async function opened(count: number): Promise<NotificationRef[]> {
  const settings = { thresholds: [{ percent: 100, severity: 'danger' }], channels: ['in-app', 'email'] };
  const category = randomUUID();
  for (let index = 0; index < count; index += 1)
    await person.watches('100.00', { ...settings, name: `b${index}`, categoryIds: [category, randomUUID()] });
  const before = new Set((await readAll()).map(({ id }) => id));
  await person.spends('120.00', { category });
  await expect.poll(async () => (await readAll()).length - before.size, { timeout: 20_000 }).toBe(count);
  const { tenantId } = service.tenant;
  return (await readAll())
    .filter(({ id }) => !before.has(id))
    .map(({ id }) => ({ tenantId, notificationId: id }));
}

const statuses = async () => (await readAll()).map(({ type, status }) => `${type} ${status}`).toSorted();
const pass = (seconds: number) => service.clock.advance({ seconds });

describe('a job', () => {
  test('comes again when the wait of its alert ends, and then releases the group', async () => {
    const [one, two] = await opened(2);
    if (!one || !two) throw new Error('two alerts');
    const { call, enqueued } = notifier('in-app', 'email');
    const until = service.clock.now().add({ seconds: waitSeconds });
    const waits = { kind: 'later', at: until, reason: 'waits for others' };
    expect(await call(one)).toEqual(waits);
    expect(enqueued).toEqual(['in-app', 'in-app']);
    expect(await call(two)).toEqual(waits);
    pass(waitSeconds - 1);
    expect(await call(one)).toEqual(waits);
    pass(1);
    enqueued.splice(0);
    expect(await call(two)).toEqual({ kind: 'done', detail: 'released with others' });
    expect(enqueued).toEqual(['email']);
    expect(await call(one)).toEqual({ kind: 'skip', reason: 'already merged' });
    expect(await statuses()).toEqual(['budget_alert merged', 'budget_alert merged', 'roll_up pending']);
  });

  test('of an alert that an earlier version has made plans it by itself', async () => {
    const [one, two] = await opened(2);
    if (!one || !two) throw new Error('two alerts');
    await service.sql
      .updateTable('notification_history')
      .set({ evaluation: null })
      .where('user_id', '=', person.userId)
      .execute();
    const { call, enqueued } = notifier('in-app', 'email');
    await call(one);
    expect(enqueued).toEqual(['in-app']);
    expect(await statuses()).toEqual(['budget_alert deferred', 'budget_alert pending']);
  });
});

describe('of ten workers at the same moment', () => {
  test('one plans an evaluation with a critical alert', async () => {
    const refs = await opened(3);
    await service.sql
      .updateTable('notification_history')
      .set({ severity: 'critical' })
      .where('id', '=', refs[1]?.notificationId ?? '')
      .execute();
    const { call, enqueued } = notifier('in-app', 'email');
    const outcomes = await Promise.all([...refs, ...refs, ...refs].map(call));
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect(await statuses()).toEqual([...Array(3).fill('budget_alert merged'), 'roll_up pending']);
    expect(enqueued.toSorted()).toEqual(['email', 'in-app', 'in-app', 'in-app']);
    expect(await quotaOf(service.sql, person)).toEqual([1]);
  });

  test('each gives alerts of different evaluations the same end, and one releases them', async () => {
    const refs = [...(await opened(1)), ...(await opened(2)), ...(await opened(1))];
    const { call } = notifier('in-app', 'email');
    await Promise.all(refs.map(call));
    expect(new Set((await readAll()).map(({ until }) => until)).size).toBe(1);
    expect(new Set((await readAll()).map(({ evaluation }) => evaluation)).size).toBe(3);
    pass(waitSeconds);
    await Promise.all([...refs, ...refs, ...refs].map(call));
    expect(await statuses()).toEqual([...Array(4).fill('budget_alert merged'), 'roll_up pending']);
    expect(await quotaOf(service.sql, person)).toEqual([1]);
  });
});

describe('a job that was lost', () => {
  const unfinished = (before: Temporal.Instant) =>
    service.services.db.transaction([service.tenant.tenantId], (sql) =>
      findUnfinishedNotifications(sql, [service.tenant.tenantId], before),
    );

  test('is found by the sweep once the wait has ended', async () => {
    const [one] = await opened(1);
    if (!one) throw new Error('an alert');
    const { call } = notifier('in-app', 'email');
    await call(one);
    const end = service.clock.now().add({ seconds: waitSeconds });
    expect(await unfinished(end)).not.toContainEqual(one);
    expect(await unfinished(end.add({ milliseconds: 1 }))).toContainEqual(one);
  });

  test('is made up for by the job that releases after quiet hours', async () => {
    const refs = await opened(2);
    const { call } = notifier('in-app', 'email');
    for (const ref of refs) await call(ref);
    await runJobNow(service.services, 'wake-deferred', service.clock.now());
    expect(await statuses()).toEqual(['budget_alert deferred', 'budget_alert deferred']);
    pass(waitSeconds);
    await runJobNow(service.services, 'wake-deferred', service.clock.now());
    expect((await readAll()).map(({ status }) => status)).not.toContain('deferred');
  });
});

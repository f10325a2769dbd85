/** The recheck at claim: preferences may change in the hours between a notification's plan and a delivery's claim. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SendResult } from '../../../src/deliver/decide/delivery.ts';
import { planned, scripted } from '../../support/worlds/planned-delivery.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService({ env: { WORKERS: 'evaluate-alerts' } });
});
afterAll(() => service.stop());

/** Quiet hours from this minute on, for an hour. */
function quietHour() {
  const from = service.clock.now().round({ smallestUnit: 'minute', roundingMode: 'floor' });
  const until = from.add({ hours: 1 });
  const [start, end] = [from, until].map((at) => at.toString().slice('YYYY-MM-DDT'.length, -':00Z'.length));
  return { until, window: { enabled: true, start, end } };
}

const prefers = (token: string, preferences: object) =>
  service.put('/api/smart-alerts/preferences', preferences, token);
const onlyRule = async (token: string): Promise<string> => {
  const { body } = await service.get('/api/smart-alerts/rules', token);
  return `/api/smart-alerts/rules/${body.data[0].id}`;
};

/** A mail that failed once and waits for a retry; it counts once against the daily quota. */
async function mailWaitingForRetry(...results: SendResult[]) {
  const email = scripted('email', 'resend', { kind: 'retry', reason: 'smtp_451' }, ...results);
  const world = await planned(service, email);
  await world.run('in-app');
  expect(await world.run('email')).toMatchObject({ kind: 'later', reason: 'smtp_451' });
  expect(await world.places()).toBe(1);
  service.clock.advance({ minutes: 1 });
  return { ...world, email };
}

test('a job that comes before the time of the retry sends nothing, and comes again then', async () => {
  const email = scripted('email', 'resend', { kind: 'retry', reason: 'smtp_451' }, { kind: 'sent' });
  const { run } = await planned(service, email);
  const first = await run('email');
  expect(first).toMatchObject({ kind: 'later', reason: 'smtp_451' });
  expect(await run('email')).toEqual({ ...first, reason: 'to be tried again' });
  expect(email.sent).toHaveLength(1);
  service.clock.advance({ minutes: 1 });
  expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
});

test.each<[string, string, (token: string) => Promise<unknown>]>([
  [
    'the person has opted out of the channel',
    'opted_out',
    (token) => prefers(token, { channels: { email: false } }),
  ],
  ['the rule was deleted', 'rule_disabled', async (token) => service.delete(await onlyRule(token), token)],
  [
    'the rule was switched off',
    'rule_disabled',
    async (token) => service.put(await onlyRule(token), { isActive: false }, token),
  ],
  [
    'the rule was muted',
    'muted',
    async (token) => service.put(await onlyRule(token), { notificationsEnabled: false }, token),
  ],
])('a mail that waits for a retry is skipped when %s', async (_name, reason, happens) => {
  const { run, read, token, email, places } = await mailWaitingForRetry();
  await happens(token);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
  expect(email.sent).toHaveLength(1);
  const notification = await read();
  const isOver = reason === 'rule_disabled';
  expect(notification).toMatchObject(isOver ? { status: 'cancelled', reason } : { status: 'sent' });
  expect(notification.deliveries[1]).toMatchObject({ status: 'skipped', failureReason: reason, attempts: 1 });
  expect(await places()).toBe(0);
});

test('a mail that waits for a retry is skipped when its address has bounced', async () => {
  const { run, read, email, notificationId } = await mailWaitingForRetry();
  await service.sql
    .updateTable('users')
    .set(({ ref }) => ({ bounced_email: ref('email') }))
    .where('id', '=', ({ selectFrom }) =>
      selectFrom('notification_history').select('user_id').where('id', '=', notificationId),
    )
    .execute();
  expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
  expect(email.sent).toHaveLength(1);
  expect((await read()).deliveries[1]).toMatchObject({ status: 'skipped', failureReason: 'bounced' });
});

test('a mail that waits for a retry is deferred by new quiet hours, without an attempt', async () => {
  const { run, read, token, email, places } = await mailWaitingForRetry({ kind: 'sent' });
  const { until, window } = quietHour();
  await prefers(token, { quietHours: window });
  expect(await run('email')).toEqual({ kind: 'later', at: until, reason: 'quiet_hours' });
  const deferred = await read();
  expect(deferred.status).toBe('pending');
  expect(deferred.deliveries[1]).toEqual({
    channel: 'email',
    status: 'pending',
    attempts: 1,
    failureReason: 'quiet_hours',
  });
  expect(await places()).toBe(1);
  expect(email.sent).toHaveLength(1);
  service.clock.moveTo(until);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
  expect((await read()).deliveries[1]).toMatchObject({ status: 'sent', attempts: 2 });
});

test('a mail that waits for a retry waits for the end of a snooze too, and goes out soon after it is lifted', async () => {
  const { run, read, token, email, places } = await mailWaitingForRetry({ kind: 'sent' });
  await prefers(token, { snoozeUntil: service.clock.now().add({ hours: 5 }).toString() });
  const asksAgain = { kind: 'later', at: service.clock.now().add({ minutes: 5 }), reason: 'snoozed' };
  expect(await run('email')).toEqual(asksAgain);
  expect((await read()).deliveries[1]).toMatchObject({
    status: 'pending',
    attempts: 1,
    failureReason: 'snoozed',
  });
  expect(await places()).toBe(1);
  await prefers(token, { snoozeUntil: null });
  service.clock.moveTo(asksAgain.at);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
  expect(email.sent).toHaveLength(2);
});

test('the quiet hours of the rule override those of the person at the claim', async () => {
  const { run, token } = await mailWaitingForRetry({ kind: 'sent' });
  const { window } = quietHour();
  await prefers(token, { quietHours: window });
  const own = { ...window, enabled: false, timezone: null };
  await service.put(await onlyRule(token), { quietHours: own }, token);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
});

test('a digest follows the quiet hours of its person, not those of a rule', async () => {
  const { run, token, notificationId } = await mailWaitingForRetry({ kind: 'sent' });
  const digest = { digest_day: '2026-11-10', severity: 'critical' };
  await service.sql
    .updateTable('notification_history')
    .set(digest)
    .where('id', '=', notificationId)
    .execute();
  const { until, window } = quietHour();
  const none = { ...window, enabled: false, timezone: null };
  await service.put(await onlyRule(token), { quietHours: none }, token);
  await prefers(token, { quietHours: window });
  expect(await run('email')).toEqual({ kind: 'later', at: until, reason: 'quiet_hours' });
  service.clock.moveTo(until);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
});

test('an in-app delivery waits neither for quiet hours nor for a deleted rule', async () => {
  const { run, token } = await planned(service);
  await prefers(token, { quietHours: quietHour().window });
  await service.delete(await onlyRule(token), token);
  expect(await run('in-app')).toEqual({ kind: 'done', detail: 'sent' });
});

test('a delivery left half-way by a crash ends unknown, not skipped, after an opt-out', async () => {
  const email = scripted('email', 'resend');
  const { run, read, token } = await planned(service, email);
  await run('in-app');
  await expect(run('email')).rejects.toThrow('died');
  await prefers(token, { channels: { email: false } });
  service.clock.advance({ seconds: 60 });
  expect(await run('email')).toEqual({ kind: 'done', detail: 'unknown' });
  expect(email.sent).toHaveLength(1);
  expect((await read()).deliveries[1]).toMatchObject({ status: 'unknown', failureReason: 'crashed' });
});

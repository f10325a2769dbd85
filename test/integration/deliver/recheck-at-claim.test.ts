/** What a person wants by the time that a delivery is claimed, which may be hours after it was decided. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SendResult } from '../../../src/deliver/decide/delivery.ts';
import { planned, scripted } from '../../support/worlds/planned-delivery.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService({ env: { WORKERS: 'evaluate-alerts' } });
});
afterAll(() => service.stop());

/** From this minute on, for an hour. */
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

/** A mail that was tried in vain and waits, with one place of the day. */
async function waiting(...results: SendResult[]) {
  const email = scripted('email', 'resend', { kind: 'retry', reason: 'smtp_451' }, ...results);
  const world = await planned(service, email);
  await world.run('in-app');
  expect(await world.run('email')).toMatchObject({ kind: 'later', reason: 'smtp_451' });
  expect(await world.places()).toBe(1);
  return { ...world, email };
}

test.each<[string, string, (token: string) => Promise<unknown>]>([
  ['the channel was ended', 'opted_out', (token) => prefers(token, { channels: { email: false } })],
  [
    'the person wants quiet',
    'snoozed',
    (token) => prefers(token, { snoozeUntil: service.clock.now().add({ hours: 5 }).toString() }),
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
])('is skipped where something has ended since: %s', async (_name, reason, happens) => {
  const { run, read, token, email, places } = await waiting();
  await happens(token);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
  expect(email.sent).toHaveLength(1);
  const told = await read();
  expect(told.status).toBe('sent');
  expect(told.deliveries[1]).toMatchObject({ status: 'skipped', failureReason: reason, attempts: 1 });
  expect(await places()).toBe(0);
});

test('is skipped where its address has bounced since', async () => {
  const { run, read, email, notificationId } = await waiting();
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

test('waits for the end of quiet hours that have begun since, and spends no attempt', async () => {
  const { run, read, token, email, places } = await waiting({ kind: 'sent' });
  const { until, window } = quietHour();
  await prefers(token, { quietHours: window });
  expect(await run('email')).toEqual({ kind: 'later', at: until, reason: 'quiet_hours' });
  const held = await read();
  expect(held.status).toBe('pending');
  expect(held.deliveries[1]).toEqual({
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

test('the rule’s own quiet hours go before the person’s', async () => {
  const { run, token } = await waiting({ kind: 'sent' });
  const { window } = quietHour();
  await prefers(token, { quietHours: window });
  const own = { ...window, enabled: false, timezone: null };
  await service.put(await onlyRule(token), { quietHours: own }, token);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
});

test('a digest keeps to its person’s quiet hours, and to no rule’s', async () => {
  const { run, token, notificationId } = await waiting({ kind: 'sent' });
  const digest = { digest_day: '2026-11-10', severity: 'critical' };
  await service.sql
    .updateTable('notification_history')
    .set(digest)
    .where('id', '=', notificationId)
    .execute();
  await service.delete(await onlyRule(token), token);
  const { until, window } = quietHour();
  await prefers(token, { quietHours: window });
  expect(await run('email')).toEqual({ kind: 'later', at: until, reason: 'quiet_hours' });
  service.clock.moveTo(until);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
});

test('what is in the app waits for nobody', async () => {
  const { run, token } = await planned(service);
  await prefers(token, { quietHours: quietHour().window });
  await service.delete(await onlyRule(token), token);
  expect(await run('in-app')).toEqual({ kind: 'done', detail: 'sent' });
});

test('what has ended since a crash left it half-way is not said to have been skipped', async () => {
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

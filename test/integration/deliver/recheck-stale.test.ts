/** A delivery that waited tells nothing that does not hold any more, and gives the figures of now. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SendResult } from '../../../src/deliver/decide/delivery.ts';
import { planned, scripted } from '../../support/worlds/planned-delivery.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService({ env: { WORKERS: 'evaluate-alerts' } });
});
afterAll(() => service.stop());

const retry = { kind: 'retry', reason: 'smtp_451' } as const;
const sent = { kind: 'sent' } as const;

async function spend(userId: string, amount: string): Promise<void> {
  const now = service.clock.now().toString();
  const expense = { userId, categoryId: 'groceries', amount, currency: 'USD', spentAt: now };
  const data = { expenseId: randomUUID(), ...expense };
  const id = randomUUID();
  await service.post('/api/events', { id, type: 'expense.created', time: now, data });
  await vi.waitFor(async () => {
    const { body } = await service.get(`/api/events/api/${id}`, service.tenant.apiKey);
    expect(body).toMatchObject({ status: 'applied' });
  }, 20_000);
}

/** Deliveries of an alert at 100 of 100 USD, of which the first attempt failed. */
async function tried(...results: SendResult[]) {
  const email = scripted('email', 'resend', retry, ...results);
  const world = await planned(service, email);
  await world.run('in-app');
  await world.run('email');
  service.clock.advance({ minutes: 2 });
  return { ...world, email };
}

test('a retry is skipped when its level is not reached any more, and its notification is cancelled', async () => {
  const { run, read, email, userId, places } = await tried(sent);
  await spend(userId, '-90.00');
  expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
  expect(email.sent).toHaveLength(1);
  const notification = await read();
  expect(notification).toMatchObject({ status: 'cancelled', reason: 'no_longer_reached' });
  expect(notification.deliveries[1]).toMatchObject({
    status: 'skipped',
    failureReason: 'no_longer_reached',
    attempts: 1,
  });
  expect(await places()).toBe(0);
});

test('a retry is skipped when its level has fallen and was reached again by another alert', async () => {
  const { run, email, userId, notificationId, token } = await tried(sent);
  await spend(userId, '-90.00');
  await spend(userId, '95.00');
  expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
  expect(email.sent).toHaveLength(1);
  const { body } = await service.get('/api/smart-alerts/notifications', token);
  expect(body.data.find(({ id }: { id: string }) => id === notificationId)).toMatchObject({
    status: 'cancelled',
    reason: 'no_longer_reached',
  });
});

test('a retry is skipped when the person has read the alert in the app', async () => {
  const { run, read, token, notificationId, email } = await tried(sent);
  await service.put(`/api/smart-alerts/notifications/${notificationId}/read`, {}, token);
  expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
  expect(email.sent).toHaveLength(1);
  expect(await read()).toMatchObject({ status: 'cancelled', reason: 'already_read' });
});

test('a retry gives the figures of now where its level still holds', async () => {
  const { run, read, email, userId } = await tried(sent);
  await spend(userId, '7.50');
  expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
  expect(email.sent.map(({ message }) => message.text)).toEqual([
    expect.stringContaining('$100.00 of $100.00'),
    expect.stringContaining('$107.50 of $100.00'),
  ]);
  expect(await read()).toMatchObject({ status: 'sent' });
});

test('a first attempt gives the figures of now if the delivery waited for a minute, else those of its plan', async () => {
  const texts: (string | undefined)[] = [];
  for (const seconds of [30, 90]) {
    const email = scripted('email', 'resend', sent);
    const { run, userId } = await planned(service, email);
    await spend(userId, '7.50');
    service.clock.advance({ seconds });
    await run('email');
    texts.push(/\d+\.\d+ of/.exec(email.sent[0]?.message.text ?? '')?.[0]);
  }
  expect(texts).toEqual(['100.00 of', '107.50 of']);
});

test('an SMS that was tried keeps its text under an idempotency key, and is skipped when nothing of it holds', async () => {
  const world = async (afterCrash: 'resend' | 'unknown') => {
    const sms = scripted('sms', afterCrash, retry, sent);
    const { run, userId } = await planned(service, sms);
    await run('sms');
    service.clock.advance({ minutes: 2 });
    return { sms, run, userId };
  };
  const [keyed, plain, fallen] = [await world('resend'), await world('unknown'), await world('resend')];
  for (const { run, userId } of [keyed, plain]) {
    await spend(userId, '7.50');
    await run('sms');
  }
  const [first, second] = keyed.sms.sent;
  expect(second?.message).toEqual(first?.message);
  expect(plain.sms.sent[1]?.message.text).toContain('107.50');
  await spend(fallen.userId, '-90.00');
  expect(await fallen.run('sms')).toEqual({ kind: 'done', detail: 'skipped' });
});

test('a notification of which one channel was reached stays sent when the retry of another is skipped', async () => {
  const email = scripted('email', 'resend', retry);
  const sms = scripted('sms', 'unknown', sent);
  const { run, read, userId, places } = await planned(service, email, sms);
  for (const channel of ['in-app', 'email', 'sms'] as const) await run(channel);
  service.clock.advance({ minutes: 2 });
  await spend(userId, '-90.00');
  expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
  expect(await read()).toMatchObject({ status: 'sent' });
  expect(await places()).toBe(1);
});

test('a crash between the claim of a retry that does not hold and its record leaves it unknown', async () => {
  const { run, read, email, userId } = await tried();
  await spend(userId, '-90.00');
  const died = async () => {
    throw new Error('the process died');
  };
  await expect(run('email', { record: died })).rejects.toThrow('died');
  service.clock.advance({ seconds: 61 });
  expect(await run('email')).toEqual({ kind: 'done', detail: 'unknown' });
  expect(email.sent).toHaveLength(1);
  expect((await read()).deliveries[1]).toMatchObject({ status: 'unknown', failureReason: 'crashed' });
});

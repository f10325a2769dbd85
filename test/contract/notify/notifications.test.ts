import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

const notifications = '/api/smart-alerts/notifications';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** Makes a person with a budget of 100.00 a month and returns their token. */
async function watched(userId: string, rule: Record<string, unknown> = {}): Promise<string> {
  const token = await service.token(userId);
  const body = { name: 'Food', budgetAmount: '100.00', ...rule };
  expect((await service.post('/api/smart-alerts/rules', body, token)).status).toBe(201);
  return token;
}

async function spend(userId: string, amount: string): Promise<void> {
  const now = service.clock.now().toString();
  const expense = { userId, categoryId: 'groceries', amount, currency: 'USD', spentAt: now };
  const data = { expenseId: randomUUID(), ...expense };
  const event = { id: randomUUID(), type: 'expense.created', time: now, data };
  expect((await service.post('/api/events', event)).status).toBe(202);
  await service.settled();
}

const list = async (token: string, query = '') =>
  (await service.get(`${notifications}?${query}`, token)).body.data;

describe('a notification', () => {
  test('shows its content and the outcome on each channel', async () => {
    const token = await watched('shown');
    await spend('shown', '103.50');
    const at = service.clock.now().toString();
    expect(await list(token)).toEqual([
      {
        id: expect.any(String),
        type: 'budget_alert',
        severity: 'danger',
        title: 'Food: 103% of the monthly budget',
        message:
          'Food: $103.50 of $100.00 spent, $3.50 over, with 21 days left this month. An expense of $103.50 in groceries took it over 100%.',
        ruleId: expect.any(String),
        level: 100,
        status: 'sent',
        reason: 'no_channel',
        silent: false,
        why: 'On November 10, 2026 at 12:00 PM spending reached 100% of this budget. It is in the app alone, because no other way to reach you was open.',
        createdAt: at,
        sentAt: at,
        deliveries: [
          { channel: 'in-app', status: 'sent', attempts: 1, sentAt: at },
          { channel: 'email', status: 'skipped', attempts: 0, failureReason: 'not_configured' },
        ],
      },
    ]);
  });

  test('of a muted rule is shown in the app alone', async () => {
    const token = await watched('muted', { notificationsEnabled: false });
    await spend('muted', '80.00');
    const [shown] = await list(token);
    expect(shown).toMatchObject({ status: 'sent', reason: 'muted', level: 80 });
    expect(shown.deliveries).toMatchObject([
      { channel: 'in-app', status: 'sent' },
      { channel: 'email', status: 'skipped', failureReason: 'muted' },
    ]);
  });

  test('is announced once to a listener on the feed', async () => {
    const received: unknown[] = [];
    const listen = (message: unknown) => received.push(message);
    service.services.feed.on('message', listen);
    const token = await watched('listener');
    await spend('listener', '95.00');
    service.services.feed.off('message', listen);
    const [{ id }] = await list(token);
    expect(received).toEqual([
      {
        tenantId: service.tenant.tenantId,
        userId: 'listener',
        notificationId: id,
        type: 'budget_alert',
        severity: 'warning',
        level: 95,
        held: null,
        title: 'Food: 95% of the monthly budget',
        text: 'Food: $95.00 of $100.00 spent, $5.00 left, about $0.23 a day for 21 days. An expense of $95.00 in groceries took it to 95%.',
      },
    ]);
  });
});

describe('marking a notification as read', () => {
  test('keeps the time of the first request', async () => {
    const token = await watched('reader');
    await spend('reader', '80.00');
    const [unread] = await list(token);
    expect(unread).not.toHaveProperty('readAt');
    const readAt = service.clock.now().toString();
    const first = await service.put(`${notifications}/${unread.id}/read`, undefined, token);
    expect(first).toMatchObject({ status: 200, body: { data: { ...unread, readAt } } });
    service.clock.advance({ minutes: 5 });
    const again = await service.put(`${notifications}/${unread.id}/read`, {}, token);
    expect(again.body.data.readAt).toBe(readAt);
    expect((await list(token))[0].readAt).toBe(readAt);
  });

  test('is 404 for anybody else, and leaves it unread', async () => {
    const token = await watched('owner');
    await spend('owner', '80.00');
    const [{ id }] = await list(token);
    const { tenantId } = await service.anotherTenant();
    const strangers = [
      await service.token('stranger'),
      await service.token('boss', { role: 'admin' }),
      await service.token('owner', { tenantId }),
    ];
    for (const stranger of strangers) {
      expect(await list(stranger)).toEqual([]);
      expect((await service.put(`${notifications}/${id}/read`, undefined, stranger)).status).toBe(404);
    }
    expect((await list(token))[0]).not.toHaveProperty('readAt');
    for (const unknown of ['1', 'x', randomUUID()])
      expect((await service.put(`${notifications}/${unknown}/read`, undefined, token)).status).toBe(404);
  });
});

describe('the list of notifications', () => {
  test('is newest first, in pages, and has filters', async () => {
    const token = await watched('list', { notifyOnRecovery: true });
    await spend('list', '80.00');
    service.clock.advance({ minutes: 1 });
    await spend('list', '20.00');
    service.clock.advance({ minutes: 1 });
    await spend('list', '-90.00');
    const all = await list(token);
    expect(all.map(({ type, level }: Record<string, unknown>) => ({ type, level }))).toEqual([
      { type: 'recovery', level: 80 },
      { type: 'budget_alert', level: 100 },
      { type: 'budget_alert', level: 80 },
    ]);
    expect(await list(token, 'type=recovery')).toEqual(all.slice(0, 1));
    expect(await list(token, 'status=sent')).toEqual(all);
    expect(await list(token, 'status=failed')).toEqual([]);

    const first = (await service.get(`${notifications}?limit=2`, token)).body;
    expect(first.data).toEqual(all.slice(0, 2));
    const rest = await service.get(`${notifications}?limit=2&cursor=${first.nextCursor}`, token);
    expect(rest.body).toEqual({ data: all.slice(2) });
  });

  test('goes back as many days as asked, 30 by default', async () => {
    const token = await watched('days');
    await spend('days', '80.00');
    service.clock.advance({ hours: 24 });
    expect(await list(token, 'days=1')).toHaveLength(1);
    service.clock.advance({ seconds: 1 });
    expect(await list(token, 'days=1')).toEqual([]);
    expect(await list(token)).toHaveLength(1);
    service.clock.advance({ hours: 24 * 30 });
    expect(await list(token)).toEqual([]);
    expect(await list(token, 'days=366')).toHaveLength(1);
  });

  test.each([
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['days=0', '/days'],
    ['days=367', '/days'],
    ['type=joke', '/type'],
    ['status=lost', '/status'],
    ['cursor=!!', '/cursor'],
    [`cursor=${Buffer.from('["99999999999999999","x"]').toString('base64url')}`, '/cursor'],
  ])('refuses %s with the pointer %s', async (query, pointer) => {
    const answer = await service.get(`${notifications}?${query}`, await service.token('list'));
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].pointer).toBe(pointer);
  });

  test('requires a token', async () => {
    expect((await service.get(notifications)).status).toBe(401);
  });
});

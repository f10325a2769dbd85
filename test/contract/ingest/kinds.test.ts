/** Kinds, states and replaced expenses over HTTP: bad input, repeats, own ids, and what a person sees of them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';
import { makeSource, postWebhook } from '../../support/servers/webhook.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

let made = 0;
const anybody = () => `person-${(made += 1)}`;

/** `minute`: orders the events of an expense. */
const event = (minute: number, userId: string, data: object = {}, changes: object = {}) => ({
  id: `evt-${(made += 1)}`,
  type: 'expense.created',
  time: `2026-11-10T11:0${minute}:00Z`,
  data: {
    expenseId: `exp-${made}`,
    userId,
    categoryId: 'groceries',
    amount: '10.00',
    currency: 'USD',
    spentAt: '2026-11-10T11:00:00Z',
    ...data,
  },
  ...changes,
});

async function post(body: object | object[]): Promise<void> {
  expect(await service.post('/api/events', body)).toMatchObject({ status: 202, body: { rejected: [] } });
  await service.settled();
}

const statusOf = async (id: string, source = 'api') =>
  (await service.get(`/api/events/${source}/${id}`, service.tenant.apiKey)).body;

const exportOf = async (userId: string) =>
  (await service.get(`/api/users/${userId}/export`, service.tenant.adminKey)).body;

const summaryOf = async (userId: string) =>
  (await service.get('/api/smart-alerts/daily-summary?date=2026-11-10', await service.token(userId))).body
    .data;

const nothingSpent = { total: '0.00', transactionCount: 0, categories: [], topTransactions: [] };

describe('POST /api/events refuses', () => {
  test.each<[string, object, string]>([
    ['an unknown kind', { kind: 'income' }, '/data/kind'],
    ['an unknown state', { status: 'authorized' }, '/data/status'],
    ['a refund above 0', { kind: 'refund' }, '/data/amount'],
    ['an expense that replaces itself', { expenseId: 'x', replaces: 'x' }, '/data/replaces'],
    ['a merchant’s id that cannot be seen', { merchantId: ' ' }, '/data/merchantId'],
    ['a category that is a number', { mcc: 5411 }, '/data/mcc'],
    ['a field that is not known yet', { accountId: 'card 1' }, '/data/accountId'],
  ])('%s with 400, alone and in an array', async (_name, data, pointer) => {
    const body = event(1, 'nobody', data);
    const alone = await service.post('/api/events', body);
    expect(alone).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    const among = await service.post('/api/events', [event(1, anybody()), body]);
    expect(among).toMatchObject({
      status: 202,
      body: { accepted: 1, rejected: [{ pointer: `/1${pointer}` }] },
    });
  });
});

test('what is understood anyway may be named or left out in a repeat', async () => {
  const one = event(1, anybody());
  await post(one);
  const named = { ...one, data: { ...one.data, kind: 'purchase', status: 'posted', mcc: null } };
  expect(await service.post('/api/events', named)).toMatchObject({ status: 202, body: { duplicates: 1 } });
  const other = { ...one, data: { ...one.data, kind: 'fee' } };
  expect(await service.post('/api/events', other)).toMatchObject({ status: 409 });
});

test('the binary mode takes the fields too', async () => {
  const { id, type, time, data } = event(1, anybody(), { kind: 'transfer', status: 'pending', mcc: '6012' });
  const answer = await fetch(`${service.url}/api/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${service.tenant.apiKey}`,
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-type': type,
      'ce-time': time,
      'ce-source': 'api',
    },
    body: JSON.stringify(data),
  });
  expect(answer.status).toBe(202);
  await service.settled();
  expect((await exportOf(data.userId)).expenses).toMatchObject([
    { kind: 'transfer', status: 'pending', mcc: '6012', day: null },
  ]);
});

describe('a transfer', () => {
  test('is in the export, and in no figure of its person until it turns into a purchase', async () => {
    const userId = anybody();
    const transfer = event(1, userId, { kind: 'transfer', amount: '500.00' });
    await post(transfer);
    expect(await summaryOf(userId)).toMatchObject(nothingSpent);
    const exported = await exportOf(userId);
    expect(exported.expenses).toMatchObject([
      { kind: 'transfer', status: 'posted', amount: '500.00', day: null },
    ]);
    expect(exported.events).toMatchObject([{ kind: 'transfer', amount: '500.00' }]);
    const { expenseId } = transfer.data;
    await post(event(2, userId, { expenseId, amount: '500.00' }, { type: 'expense.updated' }));
    expect(await summaryOf(userId)).toMatchObject({ total: '500.00', transactionCount: 1 });
    await post(event(3, userId, { expenseId, kind: 'transfer' }, { type: 'expense.updated' }));
    expect(await summaryOf(userId)).toMatchObject(nothingSpent);
    expect((await exportOf(userId)).expenses).toMatchObject([{ kind: 'transfer', day: null }]);
  });

  test('of one who did nothing else reaches no level', async () => {
    const userId = anybody();
    const token = await service.token(userId);
    const { body } = await service.post(
      '/api/smart-alerts/rules',
      { name: 'All', budgetAmount: '100.00' },
      token,
    );
    await post(event(1, userId, { kind: 'transfer', amount: '500.00' }));
    const rule = await service.get(`/api/smart-alerts/rules/${body.data.id}`, token);
    expect(rule.body.data).toMatchObject({ spent: '0.00' });
    const decisions = await service.get(`/api/smart-alerts/rules/${body.data.id}/decisions`, token);
    expect(decisions.body.data).toEqual([]);
  });
});

describe('a posted expense that replaces a pending one', () => {
  test('takes its place: one decision, one notification, one expense', async () => {
    const userId = anybody();
    const token = await service.token(userId);
    const rule = { name: 'All', budgetAmount: '100.00', channels: ['in-app', 'email'] };
    const { body } = await service.post('/api/smart-alerts/rules', rule, token);
    const pending = event(1, userId, { amount: '85.00', status: 'pending' });
    await post(pending);
    const posted = event(2, userId, { amount: '86.00', replaces: pending.data.expenseId });
    await post(posted);
    await post(posted);
    expect(await statusOf(posted.id)).toEqual({ status: 'applied', appliedAt: expect.any(String) });
    const decisions = await service.get(`/api/smart-alerts/rules/${body.data.id}/decisions`, token);
    expect(decisions.body.data).toMatchObject([{ level: 80, outcome: 'notified', spent: '85.00' }]);
    const notifications = await service.get('/api/smart-alerts/notifications', token);
    expect(notifications.body.data).toHaveLength(1);
    expect(await summaryOf(userId)).toMatchObject({ total: '86.00', transactionCount: 1 });
    expect((await exportOf(userId)).expenses).toMatchObject([
      { id: posted.data.expenseId, status: 'posted' },
    ]);
  });

  test('fails if that belongs to another person, and names nobody', async () => {
    const [userId, other] = [anybody(), anybody()];
    const theirs = event(1, other);
    await post(theirs);
    const wrong = event(2, userId, { replaces: theirs.data.expenseId });
    const right = event(2, userId, { amount: '3.00' });
    await post([wrong, right]);
    const status = await statusOf(wrong.id);
    expect(status).toEqual({ status: 'failed', appliedAt: expect.any(String), error: expect.any(String) });
    expect(status.error).not.toContain(other);
    expect(await statusOf(right.id)).toMatchObject({ status: 'applied' });
    expect(await summaryOf(userId)).toMatchObject({ total: '3.00', transactionCount: 1 });
    expect(await summaryOf(other)).toMatchObject({ total: '10.00', transactionCount: 1 });
  });

  test('means the expenses of its own source, if the ids of that are its own', async () => {
    const source = await makeSource(service, service.tenant.tenantId, true);
    const userId = anybody();
    const byKey = event(1, userId, { expenseId: `shared-${userId}`, amount: '1.00' });
    await post(byKey);
    const pending = event(1, userId, { expenseId: `shared-${userId}`, amount: '2.00', status: 'pending' });
    const posted = event(2, userId, { amount: '4.00', replaces: `shared-${userId}` });
    for (const body of [pending, posted]) {
      expect(await postWebhook(service.url, source, body)).toMatchObject({
        status: 202,
        body: { accepted: 1 },
      });
      await service.settled();
    }
    expect(await summaryOf(userId)).toMatchObject({ total: '5.00', transactionCount: 2 });
  });
});

test('erasing a person leaves no trace of an expense that theirs replaced before it came', async () => {
  const userId = anybody();
  const posted = event(1, userId, { replaces: `never-seen-${userId}` });
  await post(posted);
  const erased = await service.delete(`/api/users/${userId}`, service.tenant.adminKey);
  expect(erased).toMatchObject({ status: 200 });
  const { rows } = await service.services.db.transaction([service.tenant.tenantId], async (sql) => ({
    rows: await sql.selectFrom('expenses').select('id').where('id', 'like', `%${userId}%`).execute(),
  }));
  expect(rows).toEqual([]);
});

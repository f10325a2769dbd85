/** Erasure through the API: what is answered, what ends, and what begins anew. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';
import { Person } from '../../support/worlds/person.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const mine = '/api/smart-alerts';
const erase = (userId: string, key = service.tenant.adminKey) => service.delete(`/api/users/${userId}`, key);

function event(id: string, userId: string, data: object = {}) {
  const time = service.clock.now().toString();
  const expense = {
    expenseId: `exp-${id}`,
    userId,
    categoryId: 'food',
    merchant: 'Corner shop',
    amount: '90.00',
    currency: 'USD',
    spentAt: time,
  };
  return { id, type: 'expense.created', time, data: { ...expense, ...data } };
}

async function posts(...events: object[]): Promise<void> {
  expect((await service.post('/api/events', events)).body).toMatchObject({ accepted: events.length });
  await service.settled();
}

const statusOf = async (id: string) =>
  (await service.get(`/api/events/api/${id}`, service.tenant.apiKey)).status;

describe('DELETE /api/users/:userId', () => {
  test('deletes a person’s rows, counts them, and knows nobody a second time', async () => {
    const token = await service.token('gone');
    await service.post(`${mine}/rules`, { budgetAmount: '100', channels: ['in-app'] }, token);
    await posts(event('g1', 'gone'), event('g2', 'gone', { amount: '30.00' }));
    await posts({ ...event('g3', ''), type: 'expense.deleted', data: { expenseId: 'exp-g2' } });
    service.clock.advance({ minutes: 1 });
    const answer = await erase('gone');
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body.deleted).toMatchObject({
      users: 1,
      smart_alert_rules: 1,
      rule_spend: 1,
      expenses: 2,
      events: 3,
      notification_history: expect.any(Number),
      notification_deliveries: expect.any(Number),
      alert_decisions: expect.any(Number),
    });
    expect((await erase('gone')).status).toBe(404);
    expect((await service.get('/api/users/gone', service.tenant.adminKey)).status).toBe(404);
    expect([await statusOf('g1'), await statusOf('g2'), await statusOf('g3')]).toEqual([404, 404, 404]);
  });

  test('needs a key of scope admin of the person’s tenant', async () => {
    await service.get(`${mine}/rules`, await service.token('stays'));
    const other = await service.anotherTenant();
    expect((await erase('stays', service.tenant.apiKey)).status).toBe(404);
    expect((await erase('stays', other.adminKey)).status).toBe(404);
    expect((await service.delete('/api/users/stays')).status).toBe(401);
    expect((await service.get('/api/users/stays', service.tenant.adminKey)).status).toBe(200);
  });

  test('ends older tokens at once, and lets a younger one begin anew', async () => {
    const token = await service.token('again');
    await service.post(`${mine}/rules`, { name: 'Old', budgetAmount: '100' }, token);
    expect((await erase('again')).status).toBe(200);
    expect((await service.get(`${mine}/rules`, token)).status).toBe(401);
    const younger = await service.token('again');
    expect((await service.get(`${mine}/rules`, younger)).body).toEqual({ data: [] });
    expect((await service.get(`${mine}/rules`, token)).status).toBe(401);
    await service.post(`${mine}/rules`, { name: 'New', budgetAmount: '100' }, younger);
    expect((await service.get(`${mine}/rules`, younger)).body.data).toMatchObject([{ name: 'New' }]);
    expect((await erase('again')).status).toBe(200);
    expect((await service.get(`${mine}/rules`, younger)).status).toBe(401);
  });

  test('lets a later event register a person without a past', async () => {
    await service.put('/api/users/anew', { email: 'anew@example.com' }, service.tenant.adminKey);
    await posts(event('a1', 'anew'));
    service.clock.advance({ minutes: 1 });
    await erase('anew');
    await posts(event('a1', 'anew'));
    expect((await service.get('/api/users/anew', service.tenant.adminKey)).body).toMatchObject({
      email: null,
    });
    expect(await statusOf('a1')).toBe(200);
  });

  test('ends the person’s streams, and nobody else’s', async () => {
    const streams = await Promise.all(
      ['streaming', 'watching'].map(async (userId) => {
        const headers = { authorization: `Bearer ${await service.token(userId)}` };
        const response = await fetch(`${service.url}${mine}/stream`, { headers });
        const reader = response.body?.getReader();
        await reader?.read();
        return reader;
      }),
    );
    const [erased, other] = streams;
    expect((await erase('streaming')).status).toBe(200);
    for (let isOpen = true; isOpen;) isOpen = (await erased?.read())?.done === false;
    const neighbour = await Person.arrives(service);
    await neighbour.spend('1.00');
    expect((await service.get('/api/users/watching', service.tenant.adminKey)).status).toBe(200);
    await other?.cancel();
  });
});

describe('DELETE /api/smart-alerts/me', () => {
  test('erases the person who asks, and ends their token', async () => {
    const token = await service.token('me');
    const other = await service.token('other');
    await service.post(`${mine}/rules`, { budgetAmount: '100' }, other);
    await service.post(`${mine}/rules`, { budgetAmount: '100' }, token);
    const answer = await service.delete(`${mine}/me`, token);
    expect(answer).toMatchObject({ status: 200, body: { deleted: { users: 1, smart_alert_rules: 1 } } });
    expect((await service.delete(`${mine}/me`, token)).status).toBe(401);
    expect((await service.get(`${mine}/rules`, other)).body.data).toHaveLength(1);
  });
});

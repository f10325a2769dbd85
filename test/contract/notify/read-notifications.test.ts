/** A notification by itself, the number of unread ones, and reading all at once. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import { Person } from '../../support/worlds/person.ts';

const notifications = '/api/smart-alerts/notifications';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

async function strangersTo(userId: string): Promise<string[]> {
  const { tenantId } = await service.anotherTenant();
  return [
    await service.token('stranger'),
    await service.token('boss', { role: 'admin' }),
    await service.token(userId, { tenantId }),
  ];
}

const unread = async (token: string): Promise<number> =>
  (await service.get(`${notifications}/unread`, token)).body.data.count;

const readAll = (token: string) => service.put(`${notifications}/read-all`, undefined, token);

describe('a notification by itself', () => {
  test('is shown as in the list, and stays unread', async () => {
    const { person, token } = await alerted('80.00');
    const [listed] = (await service.get(notifications, token)).body.data;
    const answer = await service.get(`${notifications}/${listed.id}`, token);
    expect(answer).toMatchObject({ status: 200, body: { data: listed } });
    expect(answer.body.data).not.toHaveProperty('readAt');
    await person.read(listed.id);
    expect((await service.get(`${notifications}/${listed.id}`, token)).body.data.readAt).toBeDefined();
  });

  test('is 404 for anybody else, and where there is none', async () => {
    const { person, token } = await alerted('80.00');
    const [{ id } = { id: '' }] = await person.notifications();
    for (const stranger of await strangersTo(person.userId))
      expect((await service.get(`${notifications}/${id}`, stranger)).status).toBe(404);
    for (const unknown of ['1', 'x', randomUUID()])
      expect((await service.get(`${notifications}/${unknown}`, token)).status).toBe(404);
    expect((await service.get(`${notifications}/${id}`)).status).toBe(401);
  });
});

describe('the number of unread notifications', () => {
  test('rises with each, and falls with each that is read', async () => {
    const { person, token } = await alerted();
    expect(await unread(token)).toBe(0);
    await person.spend('80.00');
    service.clock.advance({ minutes: 1 });
    await person.spend('20.00');
    expect(await unread(token)).toBe(2);
    const [first = { id: '' }] = await person.notifications();
    await person.read(first.id);
    await person.read(first.id);
    expect(await unread(token)).toBe(1);
  });

  test('counts old ones, which the list shows no more', async () => {
    const { person, token } = await alerted('80.00');
    service.clock.advance({ hours: 24 * 31 });
    expect(await person.notifications()).toEqual([]);
    expect(await unread(token)).toBe(1);
  });

  test('leaves out a roll-up of alerts that are in the app by themselves', async () => {
    const env = { GROUP_WAIT_SECONDS: '30' };
    const world = await NotificationWorld.begin('2026-11-10T12:00:00Z', { queuePrefix: 'unread', env });
    try {
      const person = await world.person();
      const thresholds = [{ percent: 100, severity: 'danger' }];
      for (const name of ['Food', 'All'])
        await person.budget('100.00', { name, thresholds, channels: ['in-app', 'email'] });
      await person.spend('120.00');
      await world.comes(world.service.clock.now().add({ seconds: 30 }));
      const types = (await person.notifications()).map(({ type }) => type);
      expect(types.toSorted()).toEqual(['budget_alert', 'budget_alert', 'roll_up']);
      const token = await world.service.token(person.userId);
      const answer = await world.service.get(`${notifications}/unread`, token);
      expect(answer.body).toEqual({ data: { count: 2 } });
    } finally {
      await world.end();
    }
  });

  test('has nothing of anybody else, and needs a token', async () => {
    const { person } = await alerted('80.00');
    for (const stranger of await strangersTo(person.userId)) expect(await unread(stranger)).toBe(0);
    expect((await service.get(`${notifications}/unread`)).status).toBe(401);
  });
});

describe('reading all notifications', () => {
  test('marks each that is unread, says how many, and may be repeated', async () => {
    const { person, token } = await alerted('80.00');
    const [first = { id: '' }] = await person.notifications();
    await person.read(first.id);
    const firstRead = service.clock.now().toString();
    service.clock.advance({ minutes: 1 });
    await person.spend('20.00');
    const answer = await readAll(token);
    expect(answer).toMatchObject({ status: 200, body: { data: { count: 1 } } });
    expect(await unread(token)).toBe(0);
    const { data } = (await service.get(notifications, token)).body;
    expect(data.map(({ readAt }: { readAt: string }) => readAt)).toEqual([
      service.clock.now().toString(),
      firstRead,
    ]);
    service.clock.advance({ minutes: 1 });
    expect((await readAll(token)).body).toEqual({ data: { count: 0 } });
    expect((await service.get(notifications, token)).body.data).toEqual(data);
  });

  test('leaves those of anybody else unread', async () => {
    const { person, token } = await alerted('80.00');
    for (const stranger of await strangersTo(person.userId))
      expect((await readAll(stranger)).body).toEqual({ data: { count: 0 } });
    expect(await unread(token)).toBe(1);
    expect((await service.put(`${notifications}/read-all`, undefined)).status).toBe(401);
  });

  test('at the same time as reading one keeps one time for each', async () => {
    const { person, token } = await alerted('80.00');
    const [only = { id: '' }] = await person.notifications();
    const answers = await Promise.all([
      readAll(token),
      readAll(token),
      service.put(`${notifications}/${only.id}/read`, {}, token),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await unread(token)).toBe(0);
  });
});

/** A person with a budget of 100.00 a month, who has spent that much of it. */
async function alerted(amount?: string): Promise<{ person: Person; token: string }> {
  const person = await Person.arrives(service);
  await person.budget('100.00');
  if (amount !== undefined) await person.spend(amount);
  return { person, token: await service.token(person.userId) };
}

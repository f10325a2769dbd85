/** Two senders with the same expense ids: either they mean the same expenses, and the answer says so, or they do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedWebhookSource } from '../../../src/accounts/webhook-sources.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { expenseEvent, makeSource, postWebhook } from '../../support/servers/webhook.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const anotherSource = (ownIds: boolean): Promise<CreatedWebhookSource> =>
  makeSource(service, service.tenant.tenantId, ownIds);

let made = 0;
const anybody = () => `person ${(made += 1)}`;

/** `minute`: orders the events. */
const event = (minute: number, userId: string, data: object = {}, changes: object = {}) => {
  const one = expenseEvent({ time: `2026-11-10T11:0${minute}:00Z`, ...changes });
  return { ...one, data: { ...one.data, userId, expenseId: '1', amount: '10.00', ...data } };
};

const deletion = (minute: number, expenseId = '1') => ({
  ...expenseEvent({ time: `2026-11-10T11:0${minute}:00Z`, type: 'expense.deleted' }),
  data: { expenseId },
});

async function post(body: object, source?: CreatedWebhookSource): Promise<void> {
  const answer = source
    ? await postWebhook(service.url, source, body)
    : await service.post('/api/events', body);
  expect(answer).toMatchObject({ status: 202, body: { rejected: [] } });
  await service.settled();
}

const statusOf = async (source: string, id: string) =>
  (await service.get(`/api/events/${source}/${id}`, service.tenant.apiKey)).body;

const expensesOf = async (userId: string): Promise<Record<string, string>[]> =>
  (await service.get(`/api/users/${encodeURIComponent(userId)}/export`, service.tenant.adminKey)).body
    .expenses;

const idsOf = async (userId: string) => (await expensesOf(userId)).map(({ id, amount }) => `${id} ${amount}`);

describe('an event that replaces the expense of another sender', () => {
  test('says which event had described it, an update and a deletion too', async () => {
    const webhook = await anotherSource(false);
    const userId = anybody();
    const expenseId = `shared ${userId}`;
    const first = event(1, userId, { expenseId });
    const second = event(2, userId, { expenseId, amount: '20.00' });
    const third = { ...deletion(3), data: { expenseId } };
    await post(first);
    await post(second, webhook);
    await post(third);
    expect(await idsOf(userId)).toEqual([]);
    expect(await statusOf('api', first.id)).toEqual({ status: 'applied', appliedAt: expect.any(String) });
    expect(await statusOf(webhook.sourceId, second.id)).toMatchObject({
      status: 'applied',
      replaced: { source: 'api', id: first.id },
    });
    expect(await statusOf('api', third.id)).toMatchObject({
      replaced: { source: webhook.sourceId, id: second.id },
    });
  });

  test('says so within one request', async () => {
    const userId = anybody();
    const expenseId = `one request ${userId}`;
    const [first, second, third] = [1, 2, 3].map((minute) => event(minute, userId, { expenseId }));
    await post([
      { ...first, source: 'cards' },
      { ...second, source: 'bank' },
      { ...third, source: 'bank' },
    ]);
    expect(await statusOf('bank', second?.id ?? '')).toMatchObject({
      replaced: { source: 'cards', id: first?.id },
    });
    expect(await statusOf('bank', third?.id ?? '')).not.toHaveProperty('replaced');
  });

  test('says nothing where it was overtaken, changes its own, or follows a deletion', async () => {
    const webhook = await anotherSource(false);
    const userId = anybody();
    const expenseId = `nothing ${userId}`;
    const events = [event(3, userId, { expenseId }), event(2, userId, { expenseId })] as const;
    await post(events[0]);
    await post(events[1], webhook);
    const own = event(4, userId, { expenseId });
    const gone = { ...deletion(5), data: { expenseId } };
    await post([own, gone]);
    const again = event(6, userId, { expenseId });
    await post(again, webhook);
    for (const [source, { id }] of [
      [webhook.sourceId, events[1]],
      ['api', own],
      ['api', gone],
      [webhook.sourceId, again],
    ] as const)
      expect(await statusOf(source, id)).toEqual({ status: 'applied', appliedAt: expect.any(String) });
  });
});

describe('a webhook with ids of its own', () => {
  test('keeps its expenses apart from those of a key and of another such webhook', async () => {
    const [one, other] = [await anotherSource(true), await anotherSource(true)];
    const userId = anybody();
    const expenseId = `own ${userId}`;
    const [byKey, byOne, byOther] = [
      event(1, userId, { expenseId, amount: '1.00' }),
      event(2, userId, { expenseId, amount: '2.00' }),
      event(3, userId, { expenseId, amount: '4.00' }),
    ];
    await post(byKey);
    await post(byOne, one);
    await post(byOther, other);
    expect((await idsOf(userId)).sort()).toEqual(
      [
        `${expenseId} 1.00`,
        `${one.sourceId}:${expenseId} 2.00`,
        `${other.sourceId}:${expenseId} 4.00`,
      ].sort(),
    );
    expect(await statusOf(other.sourceId, byOther.id)).not.toHaveProperty('replaced');
  });

  test('updates and deletes its own expenses alone, and counts repeats', async () => {
    const source = await anotherSource(true);
    const userId = anybody();
    const expenseId = `edit ${userId}`;
    await post(event(1, userId, { expenseId, amount: '1.00' }));
    const created = event(2, userId, { expenseId, amount: '2.00' });
    await post(created, source);
    await post(event(3, userId, { expenseId, amount: '3.00' }, { type: 'expense.updated' }), source);
    expect((await idsOf(userId)).sort()).toEqual(
      [`${expenseId} 1.00`, `${source.sourceId}:${expenseId} 3.00`].sort(),
    );
    expect(await postWebhook(service.url, source, created)).toMatchObject({ body: { duplicates: 1 } });
    await post({ ...deletion(4), data: { expenseId } }, source);
    expect(await idsOf(userId)).toEqual([`${expenseId} 1.00`]);
  });

  test('may use ids of 128 characters, which the summary of the day shows whole', async () => {
    const source = await anotherSource(true);
    const userId = anybody();
    const expenseId = 'x'.repeat(128);
    await post(event(1, userId, { expenseId }), source);
    const summary = await service.get(
      '/api/smart-alerts/daily-summary?date=2026-11-10',
      await service.token(userId),
    );
    expect(summary.body.data.topTransactions).toMatchObject([
      { expenseId: `${source.sourceId}:${expenseId}` },
    ]);
  });

  test('can be corrected by a key that names the whole id, and the answer says so', async () => {
    const source = await anotherSource(true);
    const userId = anybody();
    const created = event(1, userId, { expenseId: '7' });
    await post(created, source);
    const removal = deletion(2, `${source.sourceId}:7`);
    await post(removal);
    expect(await idsOf(userId)).toEqual([]);
    expect(await statusOf('api', removal.id)).toMatchObject({
      replaced: { source: source.sourceId, id: created.id },
    });
  });
});

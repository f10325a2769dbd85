import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncomingEvent } from '../../../src/ingest/decide/event.ts';
import { type Answer, startService, type TestService } from '../../support/servers/service.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

let one: TestService;
let other: TestService;

beforeAll(async () => {
  one = await startService();
  other = await startService({ databaseUrl: one.databaseUrl });
});

afterAll(async () => {
  await other.stop();
  await one.stop();
});

const fifty = Array.from({ length: 50 }, (_, index) => index);

/** Posts all bodies at once, each in a request of its own, to both services in turn. */
const post = (bodies: readonly object[]): Promise<Answer[]> =>
  Promise.all(
    bodies.map((body, index) => (index % 2 === 0 ? one : other).post('/api/events', body, one.tenant.apiKey)),
  );

function event(
  userId: string,
  changes: { id?: string; expenseId?: string; amount?: string; second?: number },
) {
  const { id = randomUUID(), expenseId = randomUUID(), amount = '2.00', second = 0 } = changes;
  const time = one.clock.now().subtract({ seconds: second }).toString();
  const data = { expenseId, userId, categoryId: 'food', amount, currency: 'USD', spentAt: time };
  return { id, type: 'expense.created', time, data };
}

async function budget(budgetAmount: string) {
  const userId = `p-${randomUUID()}`;
  const token = await one.token(userId);
  const thresholds = [{ percent: 100, severity: 'danger' }];
  const rule = { budgetAmount, thresholds, channels: ['in-app'] };
  const created = await one.post('/api/smart-alerts/rules', rule, token);
  expect(created.status).toBe(201);
  const read = async (path: string) => (await one.get(`/api/smart-alerts/${path}`, token)).body.data;
  return {
    userId,
    spent: async (): Promise<string> => (await read(`rules/${created.body.data.id}`)).spent,
    story: async (): Promise<string[]> =>
      (await read(`rules/${created.body.data.id}/decisions?limit=200`)).map(
        ({ level, outcome }: { level: number; outcome: string }) => `${level} ${outcome}`,
      ),
    notifications: async (): Promise<string[]> =>
      (await read('notifications')).map(
        ({ level, status }: { level: number; status: string }) => `${level} ${status}`,
      ),
  };
}

async function countExpenses(userId: string): Promise<{ expenses: number; counted: number }> {
  const { rows } = await statement<{ expenses: number; counted: number }>`
    select
      (select count(*)::int from expenses where user_id = ${userId}) as expenses,
      (select coalesce(sum(expense_count), 0)::int from daily_spend where user_id = ${userId}) as counted
    `.execute(one.sql);
  return rows[0] ?? { expenses: -1, counted: -1 };
}

const total = (answers: readonly Answer[], part: 'accepted' | 'duplicates'): number =>
  answers.reduce((sum, { body }) => sum + body[part], 0);

describe('at the same moment', () => {
  test('fifty events for one budget give the right sum and one alert', async () => {
    const person = await budget('50.00');
    const answers = await post(fifty.map(() => event(person.userId, {})));
    expect(answers.map(({ status }) => status)).toEqual(fifty.map(() => 202));
    expect(total(answers, 'accepted')).toBe(50);
    await one.settled();
    expect(await person.spent()).toBe('100.00');
    expect(await person.story()).toEqual(['100 notified']);
    await expect.poll(person.notifications, { timeout: 20_000 }).toEqual(['100 sent']);
    expect(await countExpenses(person.userId)).toEqual({ expenses: 50, counted: 50 });
  });

  test('fifty events a cent short of the budget give no alert until the cent comes', async () => {
    const person = await budget('100.01');
    await post(fifty.map(() => event(person.userId, {})));
    await one.settled();
    expect(await person.spent()).toBe('100.00');
    expect(await person.story()).toEqual([]);
    await post([event(person.userId, { amount: '0.01' })]);
    await one.settled();
    expect(await person.story()).toEqual(['100 notified']);
  });

  test('fifty copies of an event are accepted once, with 49 duplicates and one expense', async () => {
    const person = await budget('2.00');
    const same = event(person.userId, {});
    const answers = await post(fifty.map(() => same));
    expect(answers.map(({ status }) => status)).toEqual(fifty.map(() => 202));
    expect(total(answers, 'accepted')).toBe(1);
    expect(total(answers, 'duplicates')).toBe(49);
    await one.settled();
    expect(await person.spent()).toBe('2.00');
    expect(await person.story()).toEqual(['100 notified']);
    await expect.poll(person.notifications, { timeout: 20_000 }).toEqual(['100 sent']);
    expect(await countExpenses(person.userId)).toEqual({ expenses: 1, counted: 1 });
  });

  test('fifty edits of one expense leave the latest', async () => {
    const person = await budget('1000.00');
    const expenseId = randomUUID();
    const answers = await post(
      fifty.map((second) => event(person.userId, { expenseId, second, amount: `${second + 1}.00` })),
    );
    expect(total(answers, 'accepted')).toBe(50);
    await one.settled();
    expect(await person.spent()).toBe('1.00');
    expect(await countExpenses(person.userId)).toEqual({ expenses: 1, counted: 1 });
  });

  test('the same events in opposite order at two services are accepted once each', async () => {
    const spentAt = one.clock.now();
    const { tenantId } = one.tenant;
    for (let round = 0; round < 5; round += 1) {
      const events = Array.from({ length: 200 }, (_, index): IncomingEvent => {
        const id = `${round}-${index}`;
        const facts = {
          categoryId: 'food',
          merchant: null,
          description: null,
          ...plain,
          currency: 'USD',
          spentAt,
        };
        const expense = { ...facts, userId: 'p-both', amountMinor: 100n };
        return {
          tenantId,
          source: 'api',
          id,
          type: 'expense.created',
          sequence: null,
          replaces: null,
          time: spentAt,
          expenseId: id,
          expense,
        };
      });
      const results = await Promise.all([
        one.services.inbox.accept(events),
        other.services.inbox.accept(events.toReversed()),
      ]);
      expect(results.flat().filter((verdict) => verdict === 'accepted')).toHaveLength(200);
      expect(results.flat().filter((verdict) => verdict === 'duplicate')).toHaveLength(200);
    }
    await one.settled();
    expect(await countExpenses('p-both')).toEqual({ expenses: 1000, counted: 1000 });
  });

  test('an event with an amount of fifteen digits does not fail the others', async () => {
    const person = await budget('50.00');
    const clf = event(person.userId, { amount: '999999999999999' });
    const widest = { ...clf, data: { ...clf.data, currency: 'CLF' } };
    const answers = await post([[widest, event(person.userId, {})], [event(person.userId, {})]]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await one.settled();
    expect(await person.spent()).toBe('4.00');
  });
});

/** A sum that leaves out expenses, because no exchange rate is known for them, says how many. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';
import { Person } from '../../support/worlds/person.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const rules = '/api/smart-alerts/rules';
const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

/** Rates are the tenant's, so each test has currencies of its own. */
const putRate = async (currency: string, date: string): Promise<void> => {
  const answer = await service.put(
    '/api/fx-rates',
    { date, base: 'USD', rates: { [currency]: '0.5' } },
    service.tenant.adminKey,
  );
  expect(answer.status).toBe(200);
};

async function someone() {
  const person = await Person.arrives(service);
  const token = await service.token(person.userId);
  const read = async (path: string) => {
    const { status, body } = await service.get(path, token);
    expect(status).toBe(200);
    return body.data;
  };
  return {
    person,
    token,
    read,
    /** The rule by itself, in the list, on the dashboard and in the summary of the day. */
    everywhere: async (ruleId: string) => {
      const [one, listed, { rules: shown, dailySummary }, summary] = await Promise.all([
        read(`${rules}/${ruleId}`),
        read(rules),
        read('/api/smart-alerts/dashboard'),
        read('/api/smart-alerts/daily-summary'),
      ]);
      const views = [
        one,
        ...[listed, shown].map((all) => all.find(({ id }: { id: string }) => id === ruleId)),
      ];
      const budgets = [dailySummary, summary].map(({ budgets: all }) =>
        all.find((each: { ruleId: string }) => each.ruleId === ruleId),
      );
      return [...views, ...budgets].map(({ spent, unrated }) => `${spent} without ${unrated.count}`);
    },
  };
}

const times = (text: string) => Array.from({ length: 5 }, () => text);

describe('a rule', () => {
  test('counts expenses without a rate, until their rate is known', async () => {
    const { person, everywhere } = await someone();
    const ruleId = await person.budget('100.00', { categoryId: 'food' });
    await person.spend('10.00');
    expect(await everywhere(ruleId)).toEqual(times('10.00 without 0'));
    await person.spends('20.00', { currency: 'EUR' });
    await person.spends('30.00', { currency: 'EUR', at: at('2026-11-09T12:00:00Z') });
    await person.spends('1.00', { currency: 'EUR', at: at('2026-10-31T12:00:00Z') });
    await person.spend('40.00', { currency: 'EUR', category: 'books' });
    expect(await everywhere(ruleId)).toEqual(times('10.00 without 2'));
    await putRate('EUR', '2026-11-10');
    expect(await everywhere(ruleId)).toEqual(times('50.00 without 1'));
    await putRate('EUR', '2026-11-09');
    expect(await everywhere(ruleId)).toEqual(times('110.00 without 0'));
  });

  test('made after the expenses counts them in its first answer', async () => {
    const { person, token, everywhere } = await someone();
    await person.spends('10.00');
    await person.spend('20.00', { currency: 'GBP' });
    const { body } = await service.post(rules, { budgetAmount: '100', period: 'yearly' }, token);
    expect(body.data).toMatchObject({ spent: '10.00', unrated: { count: 1 } });
    expect(await everywhere(body.data.id)).toEqual(times('10.00 without 1'));
  });

  test('does not count what was deleted, or changed to a currency with a rate', async () => {
    const { person, everywhere } = await someone();
    const ruleId = await person.budget('100.00');
    const [changed, deleted] = [
      await person.spends('1.00', { currency: 'SEK' }),
      await person.spends('2.00', { currency: 'SEK' }),
    ];
    await person.spend('4.00', { currency: 'SEK' });
    expect(await everywhere(ruleId)).toEqual(times('0.00 without 3'));
    await person.spends('1.00', { expenseId: changed });
    await service.post('/api/events', {
      id: randomUUID(),
      type: 'expense.deleted',
      time: service.clock.now().toString(),
      data: { expenseId: deleted },
    });
    await service.settled();
    expect(await everywhere(ruleId)).toEqual(times('1.00 without 1'));
  });

  test('counts by its own currency after an edit, and where it is switched off', async () => {
    const { person, token, read } = await someone();
    const ruleId = await person.budget('100.00');
    await person.spends('1.00');
    await person.spend('2.00', { currency: 'NOK' });
    const put = (body: object) => service.put(`${rules}/${ruleId}`, body, token);
    const count = (data: { unrated: { count: number }; spent: string }) => [data.spent, data.unrated.count];
    expect(count((await put({ currency: 'NOK', budgetAmount: '50' })).body.data)).toEqual(['2.00', 1]);
    expect(count((await put({ isActive: false })).body.data)).toEqual(['2.00', 1]);
    await person.spend('3.00');
    expect(count(await read(`${rules}/${ruleId}`))).toEqual(['2.00', 2]);
    expect(count((await put({ isActive: true, currency: 'USD' })).body.data)).toEqual(['4.00', 1]);
  });
});

describe('the summary of a day', () => {
  test('counts what its own figures leave out, apart from the days before', async () => {
    const { person, read } = await someone();
    await person.spends('10.00');
    await person.spends('20.00', { currency: 'DKK' });
    await person.spend('30.00', { currency: 'DKK', at: at('2026-11-08T12:00:00Z') });
    expect(await read('/api/smart-alerts/daily-summary')).toMatchObject({
      total: '10.00',
      transactionCount: 1,
      unrated: { count: 1 },
      budgets: [],
    });
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/worlds/person.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

type Spent = { amount: string; merchant?: string; expenseId?: string; type?: string };

/** Posts the expenses in one request, so that they are one batch. */
async function spend({ userId }: Person, categoryId: string, spent: readonly Spent[]): Promise<void> {
  const time = service.clock.now().toString();
  const events = spent.map(({ type = 'created', ...data }) => ({
    id: randomUUID(),
    type: `expense.${type}`,
    time,
    data: { expenseId: randomUUID(), userId, categoryId, currency: 'USD', spentAt: time, ...data },
  }));
  expect((await service.post('/api/events', events, service.tenant.apiKey)).status).toBe(202);
  await service.settled();
}

/** The last sentence of each message. */
const told = async (person: Person): Promise<string[]> =>
  (await person.notifications()).map(({ message }) => / this month\. (.*)$/.exec(message)?.[1] ?? message);

async function watching(category: string | null): Promise<Person> {
  const person = await Person.arrives(service);
  await person.budget('100.00', { categoryId: category, thresholds: [{ percent: 100, severity: 'danger' }] });
  return person;
}

describe('an alert', () => {
  test('names the expense of a batch that reached its level', async () => {
    const person = await watching('c1');
    await spend(person, 'c1', [
      { amount: '60.00', merchant: 'FIRST' },
      { amount: '50.00', merchant: 'SECOND' },
      { amount: '5.00', merchant: 'THIRD' },
    ]);
    expect(await told(person)).toEqual(['SECOND, $50.00, took it over 100%.']);
  });

  test('names the category of an expense without a merchant where its rule watches all spending', async () => {
    const [one, other, alone] = [await watching(null), await watching(null), await watching('c2')];
    await service.put('/api/categories/c2', { name: 'Food & drink' }, service.tenant.adminKey);
    await spend(one, 'c2', [{ amount: '100.00' }]);
    await spend(other, 'c3', [{ amount: '100.00' }]);
    await spend(alone, 'c2', [{ amount: '100.00' }]);
    expect(await told(one)).toEqual(['An expense of $100.00 in Food & drink took it to 100%.']);
    expect(await told(other)).toEqual(['An expense of $100.00 in c3 took it to 100%.']);
    expect(await told(alone)).toEqual(['An expense of $100.00 took it to 100%.']);
  });

  test('names an expense as its last change left it', async () => {
    const person = await watching('c4');
    const expenseId = randomUUID();
    await spend(person, 'c4', [{ amount: '10.00', merchant: 'CAFE', expenseId }]);
    service.clock.advance({ seconds: 1 });
    await spend(person, 'c4', [{ amount: '120.00', merchant: 'CAFE BAR', expenseId, type: 'updated' }]);
    expect(await told(person)).toEqual(['CAFE BAR, $120.00, took it over 100%.']);
  });

  test('names no expense where an edit of the rule reached its level', async () => {
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { categoryId: 'c5' });
    await spend(person, 'c5', [{ amount: '50.00', merchant: 'CAFE' }]);
    await person.change(ruleId, { budgetAmount: '50.00' });
    const [alert] = await person.notifications();
    expect(alert?.message).toMatch(/nothing left, with \d+ days left this month\.$/);
  });
});

test('what an expense was for stays out of the jobs', async () => {
  const person = await watching('c6');
  await spend(person, 'c6', [{ amount: '100.00', merchant: 'ONLY-THEIRS' }]);
  expect(await told(person)).toEqual(['ONLY-THEIRS, $100.00, took it to 100%.']);
  const { queues } = service.services;
  const jobs = await Promise.all(['notifications', 'deliveries'].map((name) => queues.named(name).getJobs()));
  expect(jobs.flat().length).toBeGreaterThan(0);
  expect(JSON.stringify(jobs.flat().map(({ data, returnvalue }) => ({ data, returnvalue })))).not.toContain(
    'ONLY-THEIRS',
  );
});

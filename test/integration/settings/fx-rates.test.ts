/** The effect of exchange rates on sums, alerts and decisions, through the public API. */
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { Person } from '../../support/worlds/person.ts';
import { startService, type TestService, type TestTenant } from '../../support/servers/service.ts';

let service: TestService;
let tenant: TestTenant;
let person: Person;

beforeAll(async () => {
  service = await startService();
});

afterAll(() => service.stop());

/** A new tenant for each test, because rates belong to a tenant. */
beforeEach(async () => {
  tenant = await service.anotherTenant();
  person = await Person.arrives(service, tenant);
});

/** The time some days from today, at noon UTC or another hour. */
const on = (days: number, hour = 12) => ({
  at: service.clock
    .now()
    .toZonedDateTimeISO('UTC')
    .startOfDay()
    .add({ days })
    .add({ hours: hour })
    .toInstant(),
});

/** Puts rates of a dollar for the day some days from today. */
async function post(days: number, rates: Record<string, string>): Promise<void> {
  const date = on(days).at.toString().slice(0, 10);
  const answer = await service.put('/api/fx-rates', { date, base: 'USD', rates }, tenant.adminKey);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await service.settled();
}

const readSpent = async (ruleId: string, of = person): Promise<string> => (await of.rule(ruleId)).spent;

describe('an expense in another currency', () => {
  test('counts at the rate of its day or else of the latest day before', async () => {
    await post(-4, { EUR: '0.80' });
    await post(-1, { EUR: '0.50' });
    const ruleId = await person.budget('100.00');
    await person.spend('8.00', { currency: 'EUR', ...on(-2) });
    expect(await readSpent(ruleId)).toBe('10.00');
    await person.spend('8.00', { currency: 'EUR' });
    expect(await readSpent(ruleId)).toBe('26.00');
    await person.spend('8.00', { currency: 'EUR', ...on(-5) });
    expect(await readSpent(ruleId)).toBe('26.00');
    expect(await person.story(ruleId)).toEqual(['- no_rate']);
  });

  test('opens levels, and its refund resolves them', async () => {
    await post(0, { EUR: '0.80' });
    const ruleId = await person.budget('100.00');
    await person.spend('80.00', { currency: 'EUR' });
    expect(await person.story(ruleId)).toEqual(['80 superseded', '95 superseded', '100 notified']);
    await person.spend('-80.00', { currency: 'EUR' });
    expect(await person.story(ruleId, 3)).toEqual(['100 resolved', '95 resolved', '80 resolved']);
    expect(await readSpent(ruleId)).toBe('0.00');
  });

  test('is counted anew when it moves to another currency, day or category', async () => {
    await post(-1, { EUR: '0.80' });
    await post(0, { EUR: '0.50', GBP: '0.30' });
    const ruleId = await person.budget('1000.00', { categoryId: 'food' });
    const expenseId = await person.spend('10.01', { currency: 'EUR' });
    const move = async (amount: string, spent: object): Promise<string> => {
      service.clock.advance({ seconds: 1 });
      await person.spend(amount, { expenseId, ...spent });
      return readSpent(ruleId);
    };
    expect(await readSpent(ruleId)).toBe('20.02');
    expect(await move('10.01', { currency: 'EUR', ...on(-1) })).toBe('12.51');
    expect(await move('10.01', { currency: 'GBP' })).toBe('33.37');
    expect(await move('10.01', { currency: 'SEK' })).toBe('0.00');
    expect(await move('10.01', { currency: 'EUR' })).toBe('20.02');
    expect(await move('10.01', { currency: 'EUR', category: 'rent' })).toBe('0.00');
    expect(await move('10.01', {})).toBe('10.01');
  });

  test('is converted through the base to the currency of any rule', async () => {
    await post(0, { EUR: '0.80', JPY: '160', KWD: '0.3' });
    const yen = await person.budget('100000', { currency: 'JPY' });
    const dinars = await person.budget('100.000', { currency: 'KWD' });
    await person.spend('0.01', { currency: 'EUR' });
    await person.spend('10.00', { currency: 'EUR' });
    expect(await readSpent(yen)).toBe('2002');
    expect(await readSpent(dinars)).toBe('3.754');
  });
});

describe('a rule over expenses in other currencies', () => {
  test('counts those with a rate when it is created, and records those without one', async () => {
    await post(0, { EUR: '0.80' });
    await person.spend('80.00', { currency: 'EUR' });
    await person.spend('80.00', { currency: 'SEK' });
    const ruleId = await person.budget('100.00');
    expect(await readSpent(ruleId)).toBe('100.00');
    expect(await person.story(ruleId)).toEqual([
      '80 superseded',
      '95 superseded',
      '100 notified',
      '- no_rate',
    ]);
    await person.change(ruleId, { budgetAmount: '99.00' });
    expect(await person.story(ruleId)).toHaveLength(4);
  });

  test('that is switched off still shows its spending', async () => {
    await post(0, { EUR: '0.80' });
    const ruleId = await person.budget('100.00');
    await person.disable(ruleId);
    await person.spend('40.00', { currency: 'EUR' });
    await person.spend('5.00');
    await person.spend('5.00', { currency: 'SEK' });
    expect(await readSpent(ruleId)).toBe('55.00');
    await person.change(ruleId, { isActive: true });
    expect(await readSpent(ruleId)).toBe('55.00');
  });

  test('that changes its currency has its spending computed anew', async () => {
    await post(0, { EUR: '0.80' });
    await person.spend('40.00', { currency: 'EUR' });
    await person.spend('50.00');
    const ruleId = await person.budget('1000.00');
    expect(await readSpent(ruleId)).toBe('100.00');
    await person.change(ruleId, { currency: 'EUR', budgetAmount: '1000.00' });
    expect(await readSpent(ruleId)).toBe('80.00');
  });
});

describe('rates that come after the expenses', () => {
  test('count an expense that had no rate, and alert', async () => {
    const ruleId = await person.budget('100.00');
    await person.spend('80.00', { currency: 'EUR' });
    expect(await person.story(ruleId)).toEqual(['- no_rate']);
    await post(-6, { EUR: '0.80' });
    expect(await person.story(ruleId, 1)).toEqual(['80 superseded', '95 superseded', '100 notified']);
    expect(await person.heard()).toEqual([100]);
    expect(await readSpent(ruleId)).toBe('100.00');
  });

  test('count an expense seven days after their day and not eight', async () => {
    const ruleId = await person.budget('100.00');
    await person.spend('80.00', { currency: 'EUR' });
    await post(-8, { EUR: '0.80' });
    expect(await readSpent(ruleId)).toBe('0.00');
    await post(-7, { EUR: '0.80' });
    expect(await readSpent(ruleId)).toBe('100.00');
  });

  test('resolve levels that are not reached at the new rate', async () => {
    await post(0, { EUR: '0.80' });
    const ruleId = await person.budget('100.00');
    await person.spend('80.00', { currency: 'EUR' });
    await post(0, { EUR: '0.90' });
    expect(await person.story(ruleId, 3)).toEqual(['100 resolved', '95 resolved']);
    await post(0, { EUR: '2' });
    expect(await person.story(ruleId, 5)).toEqual(['80 resolved']);
    expect(await readSpent(ruleId)).toBe('40.00');
  });

  test('for a newer day replace older ones for expenses from that day on', async () => {
    const monthly = await person.budget('1000.00', { period: 'monthly' });
    await post(-5, { EUR: '0.80' });
    await person.spend('8.00', { currency: 'EUR', ...on(-3) });
    await person.spend('8.00', { currency: 'EUR', ...on(-1) });
    expect(await readSpent(monthly)).toBe('20.00');
    await post(-2, { EUR: '0.50' });
    expect(await readSpent(monthly)).toBe('26.00');
  });

  test('with the same value as before change nothing', async () => {
    await post(0, { EUR: '0.80' });
    const ruleId = await person.budget('100.00');
    await person.spend('80.00', { currency: 'EUR' });
    await post(0, { EUR: '0.8000' });
    expect(await person.story(ruleId)).toHaveLength(3);
  });

  test('open levels silently in past periods, and in future ones when they begin', async () => {
    const ruleId = await person.budget('100.00', { period: 'daily' });
    await person.spend('80.00', { currency: 'EUR', ...on(-2) });
    await person.spend('80.00', { currency: 'EUR', ...on(1) });
    expect(await person.story(ruleId)).toEqual(['- no_rate', '- no_rate']);
    await post(-2, { EUR: '0.80' });
    expect(await person.story(ruleId, 2)).toEqual(['80 past_period', '95 past_period', '100 past_period']);
    expect(await person.heard()).toEqual([]);
    service.clock.advance({ hours: 24 });
    await runJobNow(service.services, 'evaluate-periods', service.clock.now());
    await service.settled();
    expect(await person.story(ruleId, 5)).toEqual(['80 superseded', '95 superseded', '100 notified']);
    expect(await person.heard()).toEqual([100]);
  });

  test('belong to one tenant and do not count for another', async () => {
    const other = await service.anotherTenant();
    const stranger = await Person.arrives(service, other);
    const theirs = await stranger.budget('100.00');
    await stranger.spend('80.00', { currency: 'EUR' });
    await post(0, { EUR: '0.80' });
    expect(await readSpent(theirs, stranger)).toBe('0.00');
    expect(await stranger.story(theirs)).toEqual(['- no_rate']);
  });
});

describe('rates that cover more than a thousand expenses', () => {
  test('are answered with a job, which prices them anew and says how far it is', async () => {
    await post(0, { EUR: '0.50' });
    const ruleId = await person.budget('100.00', { thresholds: [{ percent: 100, severity: 'info' }] });
    const { at } = on(0);
    const events = Array.from({ length: 1001 }, (_, number) => ({
      id: `many-${number}`,
      type: 'expense.created',
      time: at.toString(),
      data: {
        expenseId: `many-${number}`,
        userId: person.userId,
        categoryId: 'food',
        amount: '0.04',
        currency: 'EUR',
        spentAt: at.toString(),
      },
    }));
    for (const part of [events.slice(0, 1000), events.slice(1000)])
      expect((await service.post('/api/events', part, tenant.apiKey)).status).toBe(202);
    await service.settled();
    expect(await readSpent(ruleId)).toBe('80.08');
    const table = { date: at.toString().slice(0, 10), base: 'USD', rates: { EUR: '0.25' } };
    const answer = await service.put('/api/fx-rates', table, tenant.adminKey);
    expect(answer).toMatchObject({ status: 202, body: { jobId: expect.any(String) } });
    const job = `/api/jobs/${answer.body.jobId}`;
    const read = async () => (await service.get(job, tenant.adminKey)).body;
    expect(await read()).toEqual({ state: 'running', done: 0, total: 1001 });
    expect((await service.get(job, service.tenant.adminKey)).status).toBe(404);
    expect(await runJobNow(service.services, 'reprice-expenses', service.clock.now())).toMatchObject({
      outcome: '1001 expenses of 1 people priced anew',
    });
    await service.settled();
    expect(await read()).toEqual({ state: 'done', done: 1001, total: 1001 });
    expect(await readSpent(ruleId)).toBe('160.16');
    expect(await person.story(ruleId)).toEqual(['100 notified']);
    expect((await person.notifications()).map(({ status }) => status)).toEqual(['sent']);
  });
});

test('another time zone moves an expense to a day with another rate, or without one', async () => {
  await post(-1, { EUR: '0.50' });
  await post(0, { EUR: '0.80' });
  const ruleId = await person.budget('1000.00');
  await person.spend('8.00', { currency: 'EUR', ...on(0, 1) });
  await person.spend('8.00', { currency: 'EUR', ...on(-1, 1) });
  expect(await readSpent(ruleId)).toBe('26.00');
  const path = `/api/users/${person.userId}`;
  assert.equal((await service.put(path, { timezone: 'America/New_York' }, tenant.adminKey)).status, 200);
  await service.settled();
  expect(await readSpent(ruleId)).toBe('16.00');
  expect(await person.story(ruleId)).toEqual(['- no_rate']);
  await service.put(path, { timezone: 'UTC' }, tenant.adminKey);
  expect(await readSpent(ruleId)).toBe('26.00');
  await service.put(path, { timezone: 'America/New_York' }, tenant.adminKey);
  // The missing rate is on record already, so no second decision is added.
  expect(await person.story(ruleId)).toEqual(['- no_rate']);
});

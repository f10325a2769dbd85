/** The daily summary through the API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/worlds/person.ts';
import { type Answer, startsAt, startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const today = startsAt.slice(0, 10);
const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

async function see(person: Person, query = '', tenantId = service.tenant.tenantId): Promise<Answer> {
  return service.get(
    `/api/smart-alerts/daily-summary${query}`,
    await service.token(person.userId, { tenantId }),
  );
}

const read = async (person: Person, query = '') => {
  const { status, body } = await see(person, query);
  expect(status).toBe(200);
  return body.data;
};

describe('the summary of a day', () => {
  test('without spending has only zeros', async () => {
    expect(await read(await Person.arrives(service))).toEqual({
      date: today,
      currency: 'USD',
      total: '0.00',
      transactionCount: 0,
      unrated: { count: 0 },
      categories: [],
      topTransactions: [],
      alertsTriggered: 0,
      budgets: [],
      vsYesterdayPct: null,
      vsWeeklyAveragePct: null,
      vsMonthlyAveragePct: null,
    });
  });

  test('covers today so far, or the requested day', async () => {
    const person = await Person.arrives(service);
    const ruleId = await person.budget('50.00', { name: 'Food', categoryId: 'food' });
    // Yesterday's expense comes first, because batches that wait together may be evaluated in any order.
    await person.spend('20.00', { at: at('2026-11-09T12:00:00Z') });
    await person.spends('-4.50', { category: 'books' });
    const expenseId = await person.spend('42.10');
    const budget = { ruleId, name: 'Food', budget: '50.00', currency: 'USD', unrated: { count: 0 } };
    expect(await read(person)).toEqual({
      date: today,
      currency: 'USD',
      total: '37.60',
      transactionCount: 2,
      unrated: { count: 0 },
      categories: [
        { categoryId: 'food', total: '42.10', count: 1 },
        { categoryId: 'books', total: '-4.50', count: 1 },
      ],
      topTransactions: [{ expenseId, merchant: null, categoryId: 'food', amount: '42.10' }],
      alertsTriggered: 1,
      budgets: [{ ...budget, spent: '62.10', pct: 124 }],
      late: { count: 1, total: '20.00' },
      vsYesterdayPct: 88,
      vsWeeklyAveragePct: 1216,
      vsMonthlyAveragePct: 5540,
    });
    expect(await read(person, `?date=${today}`)).toEqual(await read(person));
    expect(await read(person, '?date=2026-11-09')).toMatchObject({
      date: '2026-11-09',
      total: '20.00',
      alertsTriggered: 0,
      budgets: [{ ...budget, spent: '20.00', pct: 40 }],
      vsYesterdayPct: null,
    });
  });

  test('counts late expenses', async () => {
    const person = await Person.arrives(service);
    expect(await read(person, '?date=2026-10-01')).toMatchObject({ total: '0.00' });
    await person.spend('3.00', { at: at('2026-10-01T23:59:59Z') });
    expect(await read(person, '?date=2026-10-01')).toMatchObject({ total: '3.00', transactionCount: 1 });
  });

  test('begins and ends at midnight in the person’s time zone', async () => {
    const person = await Person.arrives(service);
    await service.put(
      `/api/users/${person.userId}`,
      { timezone: 'Pacific/Kiritimati' },
      service.tenant.adminKey,
    );
    await person.spends('1.00', { at: at('2026-11-10T09:59:59Z') });
    await person.spend('2.00', { at: at('2026-11-10T10:00:00Z') });
    expect(await read(person)).toMatchObject({ date: '2026-11-11', total: '2.00' });
    expect(await read(person, '?date=2026-11-10')).toMatchObject({ total: '1.00' });
  });

  test.each([
    ['Europe/London', '2026-03-29', 23],
    ['Australia/Lord_Howe', '2026-10-04', 23.5],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['Europe/London', '2026-10-25', 25],
  ])('in %s on %s covers its %d hours', async (timezone, date, hours) => {
    const person = await Person.arrives(service);
    await service.put(`/api/users/${person.userId}`, { timezone }, service.tenant.adminKey);
    const first = Temporal.PlainDate.from(date).toZonedDateTime(timezone).toInstant();
    const end = first.add({ minutes: hours * 60 });
    await person.spends('1.00', { at: first.subtract({ seconds: 1 }) });
    await person.spends('20.00', { at: first });
    await person.spends('300.00', { at: end.subtract({ seconds: 1 }) });
    await person.spend('4000.00', { at: end });
    expect(await read(person, `?date=${date}`)).toMatchObject({ total: '320.00', vsYesterdayPct: 31_900 });
  });

  test('is in the tenant’s currency', async () => {
    const tenant = await service.anotherTenant({ currency: 'JPY' });
    const person = await Person.arrives(service, tenant);
    const rates = { date: today, base: 'USD', rates: { JPY: '150', EUR: '0.9' } };
    await service.put('/api/fx-rates', rates, tenant.adminKey);
    await person.spends('100', { currency: 'JPY' });
    await person.spends('9.99', { currency: 'CHF' });
    await person.spend('1.00', { currency: 'EUR' });
    const { body } = await see(person, '', tenant.tenantId);
    expect(body.data).toMatchObject({ currency: 'JPY', total: '267', transactionCount: 2 });
  });
});

describe('a request for the daily summary', () => {
  test.each([
    ['a day in the future', '2026-11-11'],
    ['a year in the future', '9999-12-31'],
    ['a day that does not exist', '2026-02-29'],
    ['a month', '2026-11'],
    ['an instant', '2026-11-10T12:00:00Z'],
    ['a word', 'yesterday'],
    ['an empty date', ''],
    ['a day before 1900', '1899-12-31'],
    ['the year 0', '0000-01-01'],
  ])('is rejected for %s', async (_what, date) => {
    const { status, body } = await see(await Person.arrives(service), `?date=${date}`);
    expect([status, body.errors]).toEqual([400, [{ pointer: '/date', message: expect.any(String) }]]);
  });

  test('is rejected for an unknown parameter', async () => {
    const { status, body } = await see(await Person.arrives(service), '?day=2026-11-10');
    expect([status, body.errors]).toMatchObject([400, [{ pointer: '/day' }]]);
  });

  test('is accepted for the first day allowed', async () => {
    expect(await read(await Person.arrives(service), '?date=1900-01-01')).toMatchObject({ total: '0.00' });
  });
});

describe('another person', () => {
  test('of any tenant sees nothing of the summary, and nobody sees it without a token', async () => {
    const person = await Person.arrives(service);
    await person.spend('42.00');
    const tenant = await service.anotherTenant();
    const others = [
      await see(await Person.arrives(service)),
      // A person with the same id in another tenant.
      await see(person, '', tenant.tenantId),
    ];
    for (const { body } of others) expect(body.data).toMatchObject({ total: '0.00', topTransactions: [] });
    for (const credential of [undefined, service.tenant.apiKey, service.tenant.adminKey]) {
      const { status } = await service.get('/api/smart-alerts/daily-summary', credential);
      expect(status).toBe(401);
    }
  });
});

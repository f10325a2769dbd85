import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const put = (userId: string, body: unknown) =>
  service.put(`/api/users/${encodeURIComponent(userId)}`, body, service.tenant.adminKey);
const get = (userId: string) => service.get(`/api/users/${userId}`, service.tenant.adminKey);

const unknown = {
  timezone: null,
  locale: null,
  email: null,
  phone: null,
  name: null,
  benchmarkConsent: null,
  registeredAt: '2026-11-10T12:00:00Z',
  unconfirmed: { email: null, phone: null },
};

describe('PUT /api/users/:userId', () => {
  test('registers a person, changes the fields given and clears those that are null', async () => {
    expect((await get('p01')).status).toBe(404);
    expect(await put('p01', {})).toMatchObject({ status: 200, body: { id: 'p01', ...unknown } });
    const known = {
      timezone: 'Europe/Berlin',
      locale: 'de-AT',
      email: 'p01@example.test',
      phone: '+4915112345678',
      name: 'Person 1',
      benchmarkConsent: false,
    };
    expect((await put('p01', known)).body).toEqual({ id: 'p01', ...unknown, ...known });
    const cleared = { ...unknown, ...known, email: null, benchmarkConsent: null };
    expect((await put('p01', { email: null, benchmarkConsent: null })).body).toEqual({
      id: 'p01',
      ...cleared,
    });
    expect((await put('p01', {})).body).toEqual((await get('p01')).body);
    expect((await put('p01', { timezone: null })).body).toMatchObject({ timezone: null, locale: 'de-AT' });
  });

  test('stores zones and locales in their canonical form', async () => {
    const answer = await put('p02', { timezone: 'america/new_york', locale: 'EN-us' });
    expect(answer.body).toMatchObject({ timezone: 'America/New_York', locale: 'en-US' });
  });

  test('moves the person’s expenses to their new local days', async () => {
    const token = await service.token('p03');
    const rule = await service.post(
      '/api/smart-alerts/rules',
      { budgetAmount: '10', period: 'daily' },
      token,
    );
    await service.post('/api/events', {
      id: 'late',
      type: 'expense.created',
      time: '2026-11-10T02:00:00Z',
      data: {
        expenseId: 'late',
        userId: 'p03',
        categoryId: 'c',
        amount: '3.00',
        currency: 'USD',
        spentAt: '2026-11-10T02:00:00Z',
      },
    });
    await service.settled();
    const spent = async () =>
      (await service.get(`/api/smart-alerts/rules/${rule.body.data.id}`, token)).body.data.spent;
    expect(await spent()).toBe('3.00');
    await put('p03', { timezone: 'America/Los_Angeles' });
    expect(await spent()).toBe('0.00');
  });

  test.each([
    [{ timezone: 'Mars/Olympus' }, '/timezone'],
    [{ timezone: '+02:00' }, '/timezone'],
    [{ timezone: '2026-11-10T12:00Z' }, '/timezone'],
    [{ timezone: '' }, '/timezone'],
    [{ timezone: 2 }, '/timezone'],
    [{ locale: 'english language' }, '/locale'],
    [{ locale: '' }, '/locale'],
    [{ email: 'no address' }, '/email'],
    [{ email: 'a@b@c' }, '/email'],
    [{ email: 'a@b.test\nBcc: c@d.test' }, '/email'],
    [{ email: 'a@b.test\r\n' }, '/email'],
    [{ email: 'a\r@b.test' }, '/email'],
    [{ email: 'a@b\u2028.test' }, '/email'],
    [{ email: '<a@b.test>' }, '/email'],
    [{ email: 'a@b.test, c@d.test' }, '/email'],
    [{ email: 'a@.test' }, '/email'],
    [{ email: 'a@b..test' }, '/email'],
    [{ email: '' }, '/email'],
    [{ phone: '0151 1234567' }, '/phone'],
    [{ phone: '+0151123456' }, '/phone'],
    [{ phone: 'none' }, '/phone'],
    [{ phone: '+49' }, '/phone'],
    [{ phone: '+4915112345678\n' }, '/phone'],
    [{ phone: '+49 151 12345678' }, '/phone'],
    [{ phone: '+٤٩١٥١١٢٣٤٥٦٧٨' }, '/phone'],
    [{ phone: '' }, '/phone'],
    [{ phone: `+${'1'.repeat(16)}` }, '/phone'],
    [{ name: '' }, '/name'],
    [{ name: 'a\nb' }, '/name'],
    [{ name: 'x'.repeat(201) }, '/name'],
    [{ benchmarkConsent: 'yes' }, '/benchmarkConsent'],
    [{ role: 'admin' }, '/role'],
    ['[]', ''],
    ['null', ''],
  ])('refuses %j with the pointer %s', async (body, pointer) => {
    const answer = await put('p04', body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(answer.body.errors).toHaveLength(1);
    expect((await get('p04')).status).toBe(404);
  });

  test('names every wrong value', async () => {
    const { body } = await put('p04', { timezone: 'x', phone: 'x', x: 1 });
    expect(body.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
      '/phone',
      '/timezone',
      '/x',
    ]);
  });

  test('answers 404 to an invalid id', async () => {
    expect((await put('a\nb', {})).status).toBe(404);
    expect((await put('x'.repeat(129), {})).status).toBe(404);
  });

  test('keeps tenants apart', async () => {
    await put('p05', { name: 'Person 5' });
    const other = await service.anotherTenant();
    expect((await service.get('/api/users/p05', other.adminKey)).status).toBe(404);
    await service.put('/api/users/p05', { name: 'Another' }, other.adminKey);
    expect((await get('p05')).body.name).toBe('Person 5');
  });
});

describe('PUT /api/categories/:categoryId', () => {
  const name = (body: unknown) => service.put('/api/categories/c%2F1', body, service.tenant.adminKey);

  test('registers a category, changes the fields given and clears those that are null', async () => {
    expect((await name({ name: 'Groceries' })).body).toEqual({
      id: 'c/1',
      name: 'Groceries',
      benchmarkKey: null,
    });
    expect((await name({ benchmarkKey: 'food' })).body).toMatchObject({
      name: 'Groceries',
      benchmarkKey: 'food',
    });
    expect((await name({ name: null })).body).toMatchObject({ name: null, benchmarkKey: 'food' });
    expect((await name({})).body).toEqual({ id: 'c/1', name: null, benchmarkKey: 'food' });
  });

  test.each([
    [{ name: 5 }, '/name'],
    [{ name: '' }, '/name'],
    [{ benchmarkKey: '\u0000' }, '/benchmarkKey'],
    [{ id: 'c2' }, '/id'],
  ])('refuses %j with the pointer %s', async (body, pointer) => {
    expect(await name(body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });
});

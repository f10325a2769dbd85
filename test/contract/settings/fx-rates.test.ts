import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

const path = '/api/fx-rates';
const table = { date: '2026-11-10', base: 'USD', rates: { EUR: '0.92' } };
const put = (body: unknown) => service.put(path, body, service.tenant.adminKey);

describe('PUT /api/fx-rates', () => {
  test('returns the stored rates of the day and base, and keeps a currency left out', async () => {
    expect(await put(table)).toMatchObject({ status: 200, body: table });
    const more = await put({ ...table, rates: { GBP: '0.790', EUR: '0.93' } });
    expect(more.body).toEqual({ ...table, rates: { EUR: '0.93', GBP: '0.790' } });
    expect((await put({ ...table, base: 'CHF', rates: { EUR: '1.07' } })).body.rates).toEqual({
      EUR: '1.07',
    });
    expect((await put({ ...table, date: '2026-11-11' })).body.rates).toEqual(table.rates);
    expect((await put({ ...table, rates: { GBP: '0.790' } })).body).toEqual(more.body);
  });

  test('keeps a rate to its last digit', async () => {
    const rates = { EUR: '0.00000000000001', JPY: '123456789012.345', KWD: '1.50' };
    expect((await put({ ...table, date: '2026-11-12', rates })).body.rates).toEqual(rates);
  });

  test('accepts a rate of 1 for the base and leaves it out', async () => {
    const answer = await put({ ...table, date: '2026-11-13', rates: { USD: '1.000', EUR: '0.92' } });
    expect(answer.body.rates).toEqual({ EUR: '0.92' });
  });

  test('keeps the rates of each tenant apart', async () => {
    const other = await service.anotherTenant();
    const theirs = { ...table, date: '2026-11-14', rates: { SEK: '9.5' } };
    await put({ ...theirs, rates: { EUR: '0.5' } });
    expect((await service.put(path, theirs, other.adminKey)).body).toEqual(theirs);
  });

  test('accepts the first and the last day that an expense may have', async () => {
    for (const date of ['1900-01-01', '2199-12-31']) expect((await put({ ...table, date })).status).toBe(200);
  });

  test('requires an admin key', async () => {
    expect((await service.put(path, table)).status).toBe(401);
    expect((await service.put(path, table, await service.token('p01'))).status).toBe(401);
    expect((await service.put(path, table, service.tenant.apiKey)).status).toBe(404);
  });
});

test('the state of a job needs an admin key, and an unknown job is not found', async () => {
  const job = '/api/jobs/0198c0de-0000-7000-8000-000000000000';
  expect((await service.get(job)).status).toBe(401);
  expect((await service.get(job, service.tenant.apiKey)).status).toBe(404);
  for (const unknown of [job, '/api/jobs/1', '/api/jobs/%00'])
    expect(await service.get(unknown, service.tenant.adminKey)).toMatchObject({
      status: 404,
      body: { title: 'Not Found' },
    });
});

const day = 'must be a day, like 2026-11-22';
const decimal = 'must be a decimal number above zero in a string, with at most 15 digits, like "0.92"';
const iso = 'must be an ISO 4217 currency, like USD';

describe('a table of rates is refused with', () => {
  test.each<[string, object, Record<string, string>]>([
    ['an invalid day', { date: '2026-02-30' }, { '/date': day }],
    ['an instant as day', { date: '2026-11-10T00:00:00Z' }, { '/date': day }],
    [
      'a day before 1900',
      { date: '1899-12-31' },
      { '/date': 'must be a day between 1900 and 2199, like 2026-11-22' },
    ],
    [
      'a day after 2199',
      { date: '2200-01-01' },
      { '/date': 'must be a day between 1900 and 2199, like 2026-11-22' },
    ],
    ['an unknown base', { base: 'XYZ' }, { '/base': iso }],
    ['a base in lower case', { base: 'usd' }, { '/base': iso }],
    ['an unknown currency', { rates: { EUR: '1', 'A/B': '1' } }, { '/rates/A~1B': iso }],
    ['a currency with a line break', { rates: { 'EU\nR': '1' } }, { '/rates/EU\nR': iso }],
    ['a rate of zero', { rates: { EUR: '0.00' } }, { '/rates/EUR': decimal }],
    ['a rate below zero', { rates: { EUR: '-1' } }, { '/rates/EUR': decimal }],
    ['a rate of sixteen digits', { rates: { EUR: '0.123456789012345' } }, { '/rates/EUR': decimal }],
    ['a rate with an exponent', { rates: { EUR: '1e3' } }, { '/rates/EUR': decimal }],
    ['a rate without a digit before the point', { rates: { EUR: '.92' } }, { '/rates/EUR': decimal }],
    ['a rate without a digit after the point', { rates: { EUR: '92.' } }, { '/rates/EUR': decimal }],
    ['an empty rate', { rates: { EUR: '' } }, { '/rates/EUR': decimal }],
    ['a rate as a number', { rates: { EUR: 0.92 } }, { '/rates/EUR': decimal }],
    ['no rate', { rates: {} }, { '/rates': 'must name a currency' }],
    [
      'rates in a list',
      { rates: ['0.92'] },
      { '/rates': 'must be an object, like {"EUR":"0.92","GBP":"0.79"}' },
    ],
    [
      'a rate of the base other than 1',
      { rates: { USD: '1.01' } },
      { '/rates/USD': 'is the base, and must be left out or 1' },
    ],
    ['an unknown field', { source: 'bank' }, { '/source': 'is not a known field' }],
    [
      'several wrong values',
      { date: '1800-01-01', base: 'ABC', rates: { DEF: '1', EUR: '1' } },
      { '/date': 'must be a day between 1900 and 2199, like 2026-11-22', '/base': iso, '/rates/DEF': iso },
    ],
  ])('%s', async (_name, changes, expected) => {
    const answer = await put({ ...table, ...changes });
    expect(answer.status).toBe(400);
    const errors: { pointer: string; message: string }[] = answer.body.errors;
    expect(Object.fromEntries(errors.map(({ pointer, message }) => [pointer, message]))).toEqual(expected);
  });

  test('missing fields, each named', async () => {
    const answer = await put({});
    expect(answer.body.errors).toEqual(
      ['/date', '/base', '/rates'].map((pointer) => ({ pointer, message: 'is required' })),
    );
  });
});

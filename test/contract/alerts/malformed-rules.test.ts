import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

const rules = '/api/smart-alerts/rules';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const make = async (token: string, body: Record<string, unknown> = {}) => {
  const answer = await service.post(rules, { budgetAmount: '400.00', ...body }, token);
  expect(answer.status).toBe(201);
  return answer.body.data;
};

describe('the validation of rules', () => {
  const levels = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ percent: index + 1, severity: 'info' }));
  const forecast = (severity: string) => ({ percent: 1, severity, basis: 'forecast' });
  const quiet = { start: '20:00', end: '08:00' };

  test.each<[string, Record<string, unknown>, string]>([
    ['a budget as a number', { budgetAmount: 400 }, '/budgetAmount'],
    ['a budget of zero', { budgetAmount: '0.00' }, '/budgetAmount'],
    ['a budget below zero', { budgetAmount: '-1' }, '/budgetAmount'],
    ['a budget with an exponent', { budgetAmount: '4e2' }, '/budgetAmount'],
    ['a budget of too many decimals', { budgetAmount: '1.234' }, '/budgetAmount'],
    ['a budget of too many digits', { budgetAmount: '99999999999999.99' }, '/budgetAmount'],
    ['an unknown currency', { currency: 'ABC' }, '/currency'],
    ['a currency in lower case', { currency: 'usd' }, '/currency'],
    ['an empty name', { name: '' }, '/name'],
    ['a name of spaces', { name: '   ' }, '/name'],
    ['a long name', { name: 'x'.repeat(101) }, '/name'],
    ['a name with a line break', { name: 'a\nb' }, '/name'],
    ['an empty category', { categoryId: '' }, '/categoryId'],
    ['a long category', { categoryId: 'x'.repeat(129) }, '/categoryId'],
    ['an unprintable category', { categoryId: 'a\u0000' }, '/categoryId'],
    ['an unknown period', { period: 'hourly' }, '/period'],
    ['no thresholds', { thresholds: [] }, '/thresholds'],
    ['21 thresholds', { thresholds: levels(21) }, '/thresholds'],
    ['a percent of zero', { thresholds: [{ percent: 0, severity: 'info' }] }, '/thresholds/0/percent'],
    ['a fractional percent', { thresholds: [{ percent: 99.5, severity: 'info' }] }, '/thresholds/0/percent'],
    ['a huge percent', { thresholds: [{ percent: 100_001, severity: 'info' }] }, '/thresholds/0/percent'],
    ['a repeated percent', { thresholds: [...levels(2), ...levels(1)] }, '/thresholds/2/percent'],
    [
      'a repeated percent of the forecast',
      { thresholds: [forecast('info'), ...levels(1), forecast('info')] },
      '/thresholds/2/percent',
    ],
    ['a critical forecast', { thresholds: [forecast('critical')] }, '/thresholds/0/severity'],
    ['an unknown basis', { thresholds: [{ ...levels(1)[0], basis: 'hope' }] }, '/thresholds/0/basis'],
    ['every level as a text', { everyLevel: 'yes' }, '/everyLevel'],
    ['an unknown severity', { thresholds: [{ percent: 1, severity: 'bad' }] }, '/thresholds/0/severity'],
    ['no severity', { thresholds: [{ percent: 1 }] }, '/thresholds/0/severity'],
    ['an unknown threshold field', { thresholds: [{ ...levels(1)[0], name: 'x' }] }, '/thresholds/0/name'],
    ['no channels', { channels: [] }, '/channels'],
    ['an unknown channel', { channels: ['fax'] }, '/channels/0'],
    ['a repeated channel', { channels: ['sms', 'sms'] }, '/channels'],
    ['quiet hours without an end', { quietHours: { start: '20:00' } }, '/quietHours/end'],
    ['an hour of 24', { quietHours: { ...quiet, start: '24:00' } }, '/quietHours/start'],
    ['a time with seconds', { quietHours: { ...quiet, end: '08:00:00' } }, '/quietHours/end'],
    ['an unknown zone', { quietHours: { ...quiet, timezone: 'Mars/Base' } }, '/quietHours/timezone'],
    ['an offset as zone', { quietHours: { ...quiet, timezone: '+02:00' } }, '/quietHours/timezone'],
    ['an unknown field of quiet hours', { quietHours: { ...quiet, days: [] } }, '/quietHours/days'],
    ['a quota of zero', { maxNotificationsPerDay: 0 }, '/maxNotificationsPerDay'],
    ['a quota of 1001', { maxNotificationsPerDay: 1001 }, '/maxNotificationsPerDay'],
    ['a cooldown below zero', { cooldownMinutes: -1 }, '/cooldownMinutes'],
    ['a cooldown above a week', { cooldownMinutes: 10_081 }, '/cooldownMinutes'],
    ['a boolean as text', { notificationsEnabled: 'yes' }, '/notificationsEnabled'],
    ['an unknown field', { budget: '1.00' }, '/budget'],
    ['a read-only field', { spent: '1.00' }, '/spent'],
  ])('refuses %s', async (_name, given, pointer) => {
    const token = await service.token('malformed');
    const answer = await service.post(rules, { budgetAmount: '400.00', ...given }, token);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer]);
    const { id } = await make(token);
    const change = await service.put(`${rules}/${id}`, given, token);
    expect(change.status).toBe(400);
    expect(change.body.errors).toEqual(answer.body.errors);
  });

  test.each<[Record<string, unknown>, string]>([
    [
      { budgetAmount: 10 },
      'must be a decimal number in a string, above zero, with at most the currency’s digits, like "400.00"',
    ],
    [{ thresholds: [80] }, 'must be an object, like {"percent":80,"severity":"info"}'],
    [{ thresholds: 80 }, 'must be an array, like [{"percent":80,"severity":"info"}]'],
    [{ thresholds: [] }, 'must hold at least 1'],
    [{ thresholds: levels(21) }, 'must hold at most 20'],
    [{ thresholds: [{ percent: '80', severity: 'info' }] }, 'must be a whole number'],
    [{ thresholds: [{ percent: 0, severity: 'info' }] }, 'must be at least 1'],
    [{ channels: 'email' }, 'must be an array, like ["in-app","email"]'],
    [{ channels: ['sms', 'sms'] }, 'must not hold the same twice'],
    [{ maxNotificationsPerDay: 1001 }, 'must be at most 1000'],
    [{ isActive: 'yes' }, 'must be true or false'],
    [{ name: 5 }, 'must be a string, like "Groceries"'],
    [{ period: 'hourly' }, 'must be one of daily, weekly, monthly, quarterly, yearly'],
    [{ quietHours: { ...quiet, start: 8 } }, 'must be a time of day, like 20:00'],
    [{ quietHours: true }, 'must be an object, like {"start":"20:00","end":"08:00"}'],
    [{ budget: '1.00' }, 'is not a known field'],
  ])('explains %j as "%s"', async (given, message) => {
    const token = await service.token('malformed');
    const answer = await service.post(rules, { budgetAmount: '400.00', ...given }, token);
    expect(answer.body.errors).toMatchObject([{ message }]);
  });

  test.each([
    ['?limt=5', '/limt', 'is not a known parameter: there are categoryId, limit, cursor'],
    ['?limit=0', '/limit', 'must be at least 1'],
    ['?limit=201', '/limit', 'must be at most 200'],
    ['?limit=many', '/limit', 'must be a whole number'],
    ['?cursor=', '/cursor', 'must have at least 1 character'],
  ])('refuses the query %s at %s', async (query, pointer, message) => {
    const answer = await service.get(rules + query, await service.token('malformed'));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer, message }] } });
  });

  test('refuses an empty body', async () => {
    const answer = await service.post(rules, '', await service.token('malformed'));
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: 'The body is empty.', errors: [{ pointer: '', message: 'is empty' }] },
    });
  });

  test('refuses a new rule without a budget', async () => {
    const token = await service.token('malformed');
    const answer = await service.post(rules, {}, token);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([{ pointer: '/budgetAmount', message: 'is required' }]);
  });

  test('names every wrong value at once', async () => {
    const token = await service.token('malformed');
    const thresholds = [...levels(1), ...levels(1)];
    const body = { budgetAmount: 'x', thresholds, quietHours: { ...quiet, timezone: 'x' } };
    const answer = await service.post(rules, body, token);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      '/budgetAmount',
      '/thresholds/1/percent',
      '/quietHours/timezone',
    ]);
  });

  test('accepts the largest allowed values', async () => {
    const token = await service.token('malformed');
    const body = { budgetAmount: '9999999999999.99', name: 'x'.repeat(100), thresholds: levels(20) };
    const rule = await make(token, { ...body, channels: ['push', 'sms', 'email', 'in-app'] });
    expect(rule).toMatchObject(body);
  });
});

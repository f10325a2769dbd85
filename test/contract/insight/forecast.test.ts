/** The forecast of a rule: what its period will probably end at, and why there is none. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evenSpending } from '../../support/worlds/alerts/even-spender.ts';
import { Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const rules = '/api/smart-alerts/rules';
let service: TestService;
let shopper: Shopper;

beforeAll(async () => {
  service = await startService();
  shopper = await Shopper.arrives(service);
  await shopper.buys(...evenSpending('2026-11-10'));
});
afterAll(() => service.stop());

async function rule(body: object, { token } = shopper): Promise<string> {
  return (await service.post(rules, body, token)).body.data.id;
}

const forecast = (id: string, { token } = shopper) => service.get(`${rules}/${id}/forecast`, token);

describe('the forecast of a month', () => {
  test('has its range, its bills and what it is based on', async () => {
    const id = await rule({ budgetAmount: '900.00' });
    const { status, body } = await forecast(id);
    expect(status).toBe(200);
    expect(body.data).toEqual({
      periodStart: '2026-11-01',
      periodEnd: '2026-12-01',
      budget: '900.00',
      spent: '80.00',
      currency: 'USD',
      expected: { p10: '800.00', p50: '820.00', p90: '820.00' },
      probabilityOver: 0,
      onPace: true,
      daysLeft: 21,
      upcoming: [
        { merchant: 'Hill Homes', amount: '600.00', date: '2026-11-28', recurringId: expect.any(String) },
      ],
      basedOn: { months: 8, transactions: expect.any(Number) },
    });
    const [{ id: recurringId }] = (await service.get('/api/smart-alerts/recurring', shopper.token)).body.data;
    expect(body.data.upcoming[0].recurringId).toBe(recurringId);
  });

  test('counts only what the rule watches', async () => {
    const food = await rule({ budgetAmount: '100.00', categoryId: 'food' });
    const { data } = (await forecast(food)).body;
    expect(data).toMatchObject({ spent: '80.00', upcoming: [], probabilityOver: 1, onPace: false });
    const others = await rule({ budgetAmount: '100.00', excludeMerchants: ['CORNER MARKET 0042'] });
    expect((await forecast(others)).body.data).toMatchObject({
      spent: '0.00',
      expected: { p10: '600.00', p50: '600.00', p90: '600.00' },
    });
  });

  test('leaves out a recurring charge that the person ignores', async () => {
    const other = await Shopper.arrives(service);
    await other.buys(...evenSpending('2026-11-10').filter(({ category }) => category === 'rent'));
    const id = await rule({ budgetAmount: '900.00' }, other);
    const [{ id: recurringId }] = (await service.get('/api/smart-alerts/recurring', other.token)).body.data;
    await service.put(`/api/smart-alerts/recurring/${recurringId}`, { status: 'ignored' }, other.token);
    expect((await forecast(id, other)).body.data).toMatchObject({ upcoming: [] });
  });

  test('stands on the dashboard once it is made', async () => {
    const other = await Shopper.arrives(service);
    const id = await rule({ budgetAmount: '700.00' }, other);
    await other.buys(...evenSpending('2026-11-10'));
    const { data } = (await service.get('/api/smart-alerts/dashboard', other.token)).body;
    expect(data.rules).toMatchObject([
      { id, forecast: { expected: { p50: '820.00' }, probabilityOver: 1, onPace: false } },
    ]);
    expect(data.activeAlerts).toMatchObject([{ level: 100, basis: 'forecast', severity: 'warning' }]);
  });
});

describe('the forecast of other periods', () => {
  test.each<[string, object, string]>([
    ['a week', { period: 'weekly' }, '40.00'],
    ['four weeks from payday', { period: { rrule: 'FREQ=WEEKLY;INTERVAL=4', start: '2026-10-30' } }, '80.00'],
  ])('is made of %s', async (_name, period, least) => {
    const id = await rule({ budgetAmount: '10000.00', categoryId: 'food', ...period });
    const { data } = (await forecast(id)).body;
    expect(Number(data.expected.p50)).toBeGreaterThanOrEqual(Number(least));
    expect(data.onPace).toBe(true);
  });
});

describe('there is no forecast', () => {
  const refusal = async (id: string, of = shopper) => {
    const { status, body } = await forecast(id, of);
    return [status, body.reason];
  };

  test('of a day', async () => {
    expect(await refusal(await rule({ budgetAmount: '9.00', period: 'daily' }))).toEqual([
      409,
      'period_too_short',
    ]);
  });

  test('in the first tenth of a period', async () => {
    const trip = { start: '2026-11-10', end: '2026-12-10' };
    expect(await refusal(await rule({ budgetAmount: '9.00', period: trip }))).toEqual([409, 'too_early']);
  });

  test('with less than three complete months', async () => {
    const newcomer = await Shopper.arrives(service);
    await newcomer.buys(...evenSpending('2026-11-10').filter(({ on }) => on >= '2026-09-01'));
    const id = await rule({ budgetAmount: '9.00' }, newcomer);
    expect(await refusal(id, newcomer)).toEqual([409, 'too_little_history']);
  });

  test('of a rule of somebody else, nor of none', async () => {
    const id = await rule({ budgetAmount: '9.00' });
    const stranger = await Shopper.arrives(service);
    expect([(await forecast(id, stranger)).status, (await forecast(randomUUID())).status]).toEqual([
      404, 404,
    ]);
  });
});

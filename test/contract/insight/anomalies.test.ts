import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monthly, Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const path = '/api/smart-alerts/anomalies';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const list = async ({ token }: Shopper, query = '') =>
  (await service.get(`${path}?${query}`, token)).body.data;
const judge = ({ token }: Shopper, id: string, body: object) => service.put(`${path}/${id}`, body, token);
const told = async ({ token }: Shopper) =>
  (await service.get('/api/smart-alerts/notifications', token)).body.data.filter(
    ({ type }: { type: string }) => type === 'anomaly',
  );

/** Two payments at one merchant on two days. */
const twice = (merchant = 'Garage') => [
  { on: '2026-11-08', amount: '120.00', merchant, expenseId: randomUUID() },
  { on: '2026-11-09', amount: '120.00', merchant, expenseId: randomUUID() },
];

async function paidTwice(): Promise<Shopper> {
  const shopper = await Shopper.arrives(service);
  await shopper.buys(...twice());
  return shopper;
}

describe('the list of anomalies', () => {
  test('has a double charge with the figures that show it, and one notification tells it', async () => {
    const shopper = await paidTwice();
    const [notification, ...others] = await told(shopper);
    expect(others).toEqual([]);
    expect(notification).toMatchObject({ severity: 'warning', title: 'Garage charged $120.00 twice' });
    expect(await list(shopper)).toEqual([
      {
        id: expect.any(String),
        type: 'duplicate_charge',
        expenseId: expect.any(String),
        merchant: 'Garage',
        categoryId: 'food',
        amount: '120.00',
        currency: 'USD',
        title: 'Garage charged $120.00 twice',
        reason: expect.stringMatching(/^Garage charged \$120.00 on .*8.* and again on .*9/),
        date: '2026-11-09',
        late: false,
        open: true,
        verdict: null,
        notificationId: notification.id,
        at: expect.any(String),
      },
    ]);
  });

  test('has a dearer price after its first charge, and says so once', async () => {
    const shopper = await Shopper.arrives(service);
    const streamflix = { merchant: 'Streamflix', category: 'fun' };
    await shopper.buys(...monthly(['9.99', '9.99', '9.99', '9.99'], streamflix));
    await shopper.buys({ on: '2026-11-10', amount: '11.99', ...streamflix });
    const dearer = { type: 'price_increase', amount: '11.99', expected: '9.99', late: false };
    expect(await list(shopper)).toMatchObject([dearer]);
    expect(await told(shopper)).toMatchObject([
      { severity: 'info', title: 'Streamflix now costs $11.99 instead of $9.99' },
    ]);
    const [{ reason }] = await list(shopper);
    expect(reason).toMatch(/so far once, .*\$24.00 more a year/);
  });

  test('marks what is long over as late, and does not tell it', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(
      { on: '2026-10-20', amount: '120.00', merchant: 'Garage' },
      { on: '2026-10-21', amount: '120.00', merchant: 'Garage' },
    );
    const [found] = await list(shopper);
    expect(found).toMatchObject({ type: 'duplicate_charge', late: true });
    expect(found).not.toHaveProperty('notificationId');
    expect(await told(shopper)).toEqual([]);
  });

  test('does not tell a type that the person has switched off', async () => {
    const shopper = await Shopper.arrives(service);
    const preferences = '/api/smart-alerts/preferences';
    const off = await service.put(preferences, { anomalies: { duplicate_charge: false } }, shopper.token);
    expect(off.body.data.anomalies).toMatchObject({ duplicate_charge: false, unusual_amount: true });
    await shopper.buys(...twice());
    expect(await list(shopper)).toMatchObject([{ type: 'duplicate_charge', late: false }]);
    expect(await told(shopper)).toEqual([]);
  });

  test('is empty for a new person, needs a token, and names a field that is wrong', async () => {
    const shopper = await Shopper.arrives(service);
    expect(await list(shopper)).toEqual([]);
    expect((await service.get(path)).status).toBe(401);
    const refused = await service.get(`${path}?days=0`, shopper.token);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('days');
  });
});

describe('a verdict', () => {
  test('is listed, may be changed, and repeating it is harmless', async () => {
    const shopper = await paidTwice();
    const [{ id }] = await list(shopper);
    for (const verdict of ['wrong', 'expected', 'expected']) {
      const answer = await judge(shopper, id, { verdict });
      expect(answer).toMatchObject({ status: 200, body: { data: { id, verdict } } });
    }
    expect(await list(shopper)).toMatchObject([{ id, verdict: 'expected' }]);
  });

  test('must be one of the two, and belongs to the person alone', async () => {
    const shopper = await paidTwice();
    const other = await Shopper.arrives(service);
    const [{ id }] = await list(shopper);
    const refused = await judge(shopper, id, { verdict: 'fine' });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('verdict');
    expect((await judge(other, id, { verdict: 'wrong' })).status).toBe(404);
    expect((await judge(shopper, randomUUID(), { verdict: 'wrong' })).status).toBe(404);
    expect(await list(shopper)).toMatchObject([{ verdict: null }]);
  });

  test('of wrong, given twice, rests the type', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.buys(...twice('One'), ...twice('Two'));
    const found = await list(shopper);
    expect(found).toHaveLength(2);
    for (const { id } of found) await judge(shopper, id, { verdict: 'wrong' });
    await shopper.buys(...twice('Three'));
    expect(await list(shopper)).toHaveLength(2);
  });
});

describe('an anomaly', () => {
  test('does not hold any more once the second charge is taken back, and is told once if it returns', async () => {
    const shopper = await Shopper.arrives(service);
    const [first, second] = twice();
    if (!first || !second) throw new Error('there are two charges');
    await shopper.buys(first, second);
    await shopper.takesBack(second.expenseId);
    expect(await list(shopper)).toMatchObject([{ open: false }]);
    await shopper.buys(second);
    expect(await list(shopper)).toMatchObject([{ open: true }]);
    expect(await told(shopper)).toHaveLength(1);
  });
});

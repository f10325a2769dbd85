import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monthly, type Purchase, Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const path = '/api/smart-alerts/recurring';
const streamflix: Partial<Purchase> = { merchant: 'Streamflix', category: 'fun' };
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const list = async ({ token }: Shopper) => (await service.get(path, token)).body.data;

const decide = ({ token }: Shopper, id: string, body: object) => service.put(`${path}/${id}`, body, token);

async function subscribed(): Promise<Shopper> {
  const shopper = await Shopper.arrives(service);
  await shopper.buys(...monthly(['9.99', '9.99', '9.99', '9.99'], streamflix));
  return shopper;
}

describe('the list of recurring charges', () => {
  test('has each with its cadence, its next date and its amounts', async () => {
    const shopper = await subscribed();
    expect(await list(shopper)).toEqual([
      {
        id: expect.any(String),
        merchant: 'Streamflix',
        categoryId: 'fun',
        amount: '9.99',
        currency: 'USD',
        cadence: 'monthly',
        nextDate: '2026-11-15',
        lastDate: '2026-10-15',
        lastAmount: '9.99',
        changePct: 0,
        priceSince: null,
        missedDate: null,
        status: 'active',
        occurrences: 4,
      },
    ]);
  });

  test('says by how much a price changed, and the stream keeps its id', async () => {
    const shopper = await subscribed();
    const [{ id }] = await list(shopper);
    await shopper.buys({ on: '2026-11-10', amount: '11.99', ...streamflix });
    const changed = { id, lastAmount: '11.99', changePct: 20, priceSince: '2026-11-10', occurrences: 5 };
    expect(await list(shopper)).toMatchObject([{ ...changed, amount: '9.99', nextDate: '2026-12-15' }]);
  });

  test('has the currency of the charges, and no change for a bill of any amount', async () => {
    const shopper = await Shopper.arrives(service);
    const bills = ['4000', '5600', '3100', '6900', '4800', '7700'];
    await shopper.buys(...monthly(bills, { merchant: 'Denki', currency: 'JPY' }));
    expect(await list(shopper)).toMatchObject([
      { currency: 'JPY', lastAmount: '7700', amount: '6900', changePct: null, status: 'active' },
    ]);
  });

  test('leaves out pending expenses, transfers, cash and expenses without a merchant', async () => {
    const shopper = await Shopper.arrives(service);
    const amounts = ['20.00', '20.00', '20.00', '20.00'];
    await shopper.buys(
      ...monthly(amounts, { merchant: 'Pending', status: 'pending' }),
      ...monthly(amounts, { merchant: 'Savings', kind: 'transfer' }),
      ...monthly(amounts, { merchant: 'Machine', kind: 'cash' }),
      ...monthly(amounts),
      ...monthly(amounts, { merchant: 'Gym' }),
    );
    expect(await list(shopper)).toMatchObject([{ merchant: 'Gym' }]);
  });

  test('has pages, the newest first, and each once', async () => {
    const shopper = await Shopper.arrives(service);
    for (const merchant of ['Alpha', 'Beta', 'Gamma'])
      await shopper.buys(...monthly(['5.00', '5.00', '5.00'], { merchant }));
    const all = await list(shopper);
    expect(all.map(({ merchant }: { merchant: string }) => merchant)).toEqual(['Gamma', 'Beta', 'Alpha']);
    const first = (await service.get(`${path}?limit=2`, shopper.token)).body;
    expect(first.data).toEqual(all.slice(0, 2));
    const rest = await service.get(`${path}?limit=2&cursor=${first.nextCursor}`, shopper.token);
    expect(rest.body).toEqual({ data: all.slice(2) });
  });

  test('needs a token, and is empty for a new person', async () => {
    expect((await service.get(path)).status).toBe(401);
    expect((await service.get(path, await service.token(randomUUID()))).body).toEqual({ data: [] });
    for (const query of ['limit=0', 'cursor=!!', 'status=active'])
      expect((await service.get(`${path}?${query}`, await service.token('list'))).status).toBe(400);
  });
});

describe('the decision on a recurring charge', () => {
  test.each(['confirmed', 'ignored'])(
    'is %s, may be repeated, and stays when more is spent',
    async (status) => {
      const shopper = await subscribed();
      const [found] = await list(shopper);
      const answer = await decide(shopper, found.id, { status });
      expect(answer).toMatchObject({ status: 200, body: { data: { ...found, status } } });
      expect((await decide(shopper, found.id, { status })).body).toEqual(answer.body);
      await shopper.buys({ on: '2026-11-10', amount: '14.99', ...streamflix });
      expect(await list(shopper)).toMatchObject([{ id: found.id, status, occurrences: 5 }]);
    },
  );

  test('may be changed', async () => {
    const shopper = await subscribed();
    const [{ id }] = await list(shopper);
    await decide(shopper, id, { status: 'ignored' });
    expect((await decide(shopper, id, { status: 'confirmed' })).body.data.status).toBe('confirmed');
    expect(await list(shopper)).toMatchObject([{ id, status: 'confirmed' }]);
  });

  test('is 404 for somebody else’s, which stays as it is', async () => {
    const shopper = await subscribed();
    const [found] = await list(shopper);
    const { tenantId } = await service.anotherTenant();
    const strangers = [
      await service.token('stranger'),
      await service.token('boss', { role: 'admin' }),
      await service.token(shopper.userId, { tenantId }),
    ];
    for (const stranger of strangers)
      expect((await service.put(`${path}/${found.id}`, { status: 'ignored' }, stranger)).status).toBe(404);
    for (const unknown of ['1', randomUUID()])
      expect((await decide(shopper, unknown, { status: 'ignored' })).status).toBe(404);
    expect(await list(shopper)).toEqual([found]);
  });

  test('is 400 for a body that says nothing, or another thing', async () => {
    const shopper = await subscribed();
    const [{ id }] = await list(shopper);
    for (const body of [
      {},
      { status: 'active' },
      { status: 'ended' },
      { status: null },
      { status: 'ignored', why: 'x' },
      [],
    ])
      expect((await decide(shopper, id, body)).status).toBe(400);
    expect(await list(shopper)).toMatchObject([{ status: 'active' }]);
  });
});

test('the export of a person has their recurring charges', async () => {
  const shopper = await subscribed();
  const { body } = await service.get('/api/smart-alerts/me/export', shopper.token);
  expect(body.recurring).toMatchObject([
    {
      merchant: 'Streamflix',
      cadence: 'monthly',
      amount: '9.99',
      lastAmount: '9.99',
      decision: null,
      nextDay: '2026-11-15',
    },
  ]);
});

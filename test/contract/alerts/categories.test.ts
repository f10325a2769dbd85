import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';
import { Shopper } from '../../support/worlds/shopper.ts';

const path = '/api/smart-alerts/categories';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const list = async ({ token }: Shopper, query = '') => (await service.get(`${path}?${query}`, token)).body;

const ids = async (shopper: Shopper): Promise<string[]> =>
  (await list(shopper)).data.map(({ id }: { id: string }) => id);

async function watches({ token }: Shopper, draft: object): Promise<string> {
  const answer = await service.post('/api/smart-alerts/rules', { budgetAmount: '100.00', ...draft }, token);
  expect(answer.status).toBe(201);
  return answer.body.data.id;
}

describe('the list of a person’s categories', () => {
  test('has those of expenses and of rules, each once, with its name if it has one', async () => {
    const shopper = await Shopper.arrives(service);
    const naming = { name: 'Food & drink', benchmarkKey: 'groceries' };
    await service.put('/api/categories/c-food', naming, service.tenant.adminKey);
    await service.put('/api/categories/c-never', { name: 'Never' }, service.tenant.adminKey);
    await shopper.posts(
      { on: '2026-11-01', amount: '1.00', category: 'c-food' },
      { on: '2026-11-02', amount: '2.00', category: 'c-food' },
      { on: '2024-01-01', amount: '2.00', category: 'c-old' },
      { on: '2026-11-03', amount: '3.00', category: 'c-moved', kind: 'transfer' },
    );
    await watches(shopper, { categoryId: 'c-food' });
    await watches(shopper, { categoryIds: ['c-group', 'c-old'] });
    await watches(shopper, { excludeCategories: ['c-left-out'] });
    const ended = await watches(shopper, { categoryId: 'c-ended' });
    await service.delete(`/api/smart-alerts/rules/${ended}`, shopper.token);
    expect(await list(shopper)).toEqual({
      data: [
        { id: 'c-ended', name: null },
        { id: 'c-food', name: 'Food & drink' },
        { id: 'c-group', name: null },
        { id: 'c-left-out', name: null },
        { id: 'c-moved', name: null },
        { id: 'c-old', name: null },
      ],
    });
  });

  test('loses a category with its last expense', async () => {
    const shopper = await Shopper.arrives(service);
    const expenseId = `last-${shopper.userId}`;
    await shopper.posts({ on: '2026-11-01', amount: '1.00', category: 'c-gone', expenseId });
    expect(await ids(shopper)).toEqual(['c-gone']);
    await shopper.takesBack(expenseId);
    expect(await ids(shopper)).toEqual([]);
  });

  test('has pages, by id, whatever its letters', async () => {
    const shopper = await Shopper.arrives(service);
    const all = ['A', 'Z', 'a b', 'b', 'ä', 'こ'];
    await shopper.posts(
      ...all.toReversed().map((category) => ({ on: '2026-11-01', amount: '1.00', category })),
    );
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 3; pages += 1) {
      const { data, nextCursor } = await list(shopper, `limit=2${cursor}`);
      seen.push(...data.map(({ id }: { id: string }) => id));
      cursor = `&cursor=${nextCursor}`;
      expect(nextCursor === undefined).toBe(pages === 2);
    }
    expect(seen).toEqual(all);
  });

  test('has nothing of anybody else, and needs a token', async () => {
    const shopper = await Shopper.arrives(service);
    await shopper.posts({ on: '2026-11-01', amount: '1.00', category: 'c-own' });
    const strangers = [
      await Shopper.arrives(service),
      await Shopper.of(service, shopper.userId, await service.anotherTenant()),
    ];
    for (const stranger of strangers) expect(await list(stranger)).toEqual({ data: [] });
    expect((await service.get(path)).status).toBe(401);
  });

  test.each([
    ['limit=201', '/limit'],
    ['cursor=!!', '/cursor'],
    [`cursor=${Buffer.from('["a\\u0000"]').toString('base64url')}`, '/cursor'],
    [`cursor=${Buffer.from('["a","b"]').toString('base64url')}`, '/cursor'],
  ])('refuses %s with the pointer %s', async (query, pointer) => {
    const answer = await service.get(`${path}?${query}`, await service.token('list'));
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

const rules = '/api/smart-alerts/rules';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const make = async (token: string, body: Record<string, unknown> = {}): Promise<string> => {
  const answer = await service.post(rules, { budgetAmount: '100.00', ...body }, token);
  expect(answer.status).toBe(201);
  return answer.body.data.id;
};

async function spend(userId: string, amount: string): Promise<void> {
  const now = service.clock.now().toString();
  const expense = { userId, categoryId: 'groceries', amount, currency: 'USD', spentAt: now };
  const data = { expenseId: randomUUID(), ...expense };
  await service.post('/api/events', { id: randomUUID(), type: 'expense.created', time: now, data });
  await service.settled();
}

const sorted = (...ids: (string | undefined)[]) => ids.map(String).sort((a, b) => (a < b ? -1 : 1));

describe('a list', () => {
  test('of rules shows each once, newest first, page by page', async () => {
    const token = await service.token('lister');
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      if (count % 2 === 0) service.clock.advance({ seconds: 1 });
      made.push(await make(token, { categoryId: count === 0 ? 'travel' : null }));
    }
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const query: string = cursor === undefined ? '' : `&cursor=${cursor}`;
      const { body } = await service.get(`${rules}?limit=2${query}`, token);
      pages.push(body.data.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    // Rules of one instant are in the order of their ids.
    const [first, second, third, fourth, fifth] = made;
    const expected = [fifth, ...sorted(third, fourth), ...sorted(first, second)];
    expect(pages.flat()).toEqual(expected);

    const ofTravel = (await service.get(`${rules}?categoryId=travel`, token)).body.data;
    expect(ofTravel.map(({ id }: { id: string }) => id)).toEqual([made[0]]);
  });

  test('of decisions has pages too', async () => {
    const token = await service.token('decided');
    const id = await make(token);
    expect((await service.get(`${rules}/${id}/decisions`, token)).body).toEqual({ data: [] });
    await spend('decided', '120.00');
    const first = (await service.get(`${rules}/${id}/decisions?limit=2`, token)).body;
    const second = (await service.get(`${rules}/${id}/decisions?limit=2&cursor=${first.nextCursor}`, token))
      .body;
    expect([...first.data, ...second.data].map(({ level }: { level: number }) => level)).toEqual([
      100, 95, 80,
    ]);
    expect(first.data[0].expenseId).toEqual(expect.any(String));
    expect(second).not.toHaveProperty('nextCursor');
  });

  test.each([
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['limit=many', '/limit'],
    ['cursor=x', '/cursor'],
    [`cursor=${Buffer.from('["1","x"]').toString('base64url')}`, '/cursor'],
    [`cursor=${Buffer.from(JSON.stringify(['x', randomUUID()])).toString('base64url')}`, '/cursor'],
  ])('of rules refuses %s with the pointer %s', async (query, pointer) => {
    const token = await service.token('lister');
    const answer = await service.get(`${rules}?${query}`, token);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].pointer).toBe(pointer);
  });
});

/** Cached recommendations are up to date after any change, through any process. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { whyNoRedis } from '../../support/servers/redis.ts';
import { rising, Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const path = '/api/smart-alerts/recommendations';

/** The same secret for all processes, so that each accepts the tokens of the others. */
const env = { JWT_SECRET: 'a-secret-that-all-processes-of-this-test-share' };

describe.skipIf(whyNoRedis !== null)('two processes on one Redis', () => {
  let one: TestService;
  let two: TestService;
  let uncached: TestService;
  beforeAll(async () => {
    const redisUrl = inject('redisServer') ?? '';
    one = await startService({ redisUrl, env });
    const { databaseUrl, clock } = one;
    two = await startService({ redisUrl, env, roles: ['web'], databaseUrl, clock });
    uncached = await startService({ env, roles: ['web'], databaseUrl, clock });
  });
  afterAll(async () => {
    await uncached.stop();
    await two.stop();
    await one.stop();
  });

  /** Reads from all three processes and expects the same answer; `two` is asked first. */
  async function read({ token }: Shopper, query = '') {
    const [answer, ...others] = await Promise.all(
      [two, one, uncached].map((service) => service.get(`${path}?${query}`, token)),
    );
    for (const other of others) expect(other?.body).toEqual(answer?.body);
    return answer?.body.data;
  }

  /** The hits that the process counts for its cache. */
  async function hits(service: TestService): Promise<number> {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const line = /^spendwatch_cache_requests_total\{cache="recommendations",result="hit"\} (\d+)/m;
    return Number(line.exec(text)?.[1] ?? 0);
  }

  const decide = (service: TestService, { token }: Shopper, id: string, decision: string) =>
    service.put(`${path}/${id}/${decision}`, {}, token);

  test('answer each page from the cache while nothing changes', async () => {
    const shopper = await Shopper.arrives(one);
    await shopper.buys(...rising());
    const queries = ['', 'limit=1', 'status=dismissed', 'categoryId=fun'];
    const first = [];
    for (const query of queries) first.push(await read(shopper, query));
    const before = await hits(two);
    for (const [index, query] of queries.entries()) expect(await read(shopper, query)).toEqual(first[index]);
    expect((await hits(two)) - before).toBe(queries.length);
    expect(first.map((found) => found.length)).toEqual([1, 1, 0, 0]);
  });

  test('see at once a decision made through the other, even at the same time', async () => {
    const shopper = await Shopper.arrives(one);
    for (const category of ['a', 'b']) await shopper.buys(...rising({ category }));
    const [{ id: first }, { id: second }] = await read(shopper);
    expect(await read(shopper)).toHaveLength(2);
    // The clock stands still, so the times of change do not tell the states apart.
    await decide(one, shopper, first, 'accept');
    expect(await read(shopper)).toHaveLength(1);
    await decide(two, shopper, second, 'dismiss');
    expect(await read(shopper)).toHaveLength(0);
    expect(await read(shopper, 'status=accepted')).toMatchObject([{ id: first }]);
  });

  test('see at once the effect of expenses, names, locales and expiry', async () => {
    const shopper = await Shopper.arrives(one);
    await shopper.buys(...rising({ category: 'named' }));
    expect(await read(shopper)).toMatchObject([{ title: 'named: $440.00 a month, $200.00 before' }]);
    await one.put('/api/categories/named', { name: 'Fun' }, one.tenant.adminKey);
    expect(await read(shopper)).toMatchObject([{ title: 'Fun: $440.00 a month, $200.00 before' }]);
    await one.put(`/api/users/${shopper.userId}`, { locale: 'de' }, one.tenant.adminKey);
    expect(await read(shopper)).toMatchObject([
      { title: 'Fun: 440,00\u00a0$ a month, 200,00\u00a0$ before' },
    ]);
    await shopper.buys({ on: '2026-10-31', amount: '30.00', merchant: 'Alpha', category: 'named' });
    expect(await read(shopper)).toMatchObject([{ evidence: { recentAverage: '450.00' } }]);
    one.clock.advance({ hours: 24 * 45 });
    expect(await read(shopper)).toEqual([]);
    expect(await read(shopper, 'status=expired')).toHaveLength(1);
  });

  test('see a change whose transaction commits after that of a newer change', async () => {
    const shopper = await Shopper.arrives(one);
    const before = one.clock.now().toString().slice(0, 'YYYY-MM'.length);
    for (const category of ['a', 'b']) await shopper.buys(...rising({ category, before }));
    const [{ id: first }, { id: second }] = await read(shopper);
    const set = (difficulty: string, id: string) =>
      statement`update smart_recommendations set difficulty = ${difficulty} where id = ${id}`;
    await one.sql.transaction().execute(async (older) => {
      await set('easy', first).execute(older);
      await set('moderate', second).execute(one.sql);
      expect(await read(shopper)).toMatchObject([{ difficulty: 'hard' }, { difficulty: 'moderate' }]);
    });
    expect(await read(shopper)).toMatchObject([{ difficulty: 'easy' }, { difficulty: 'moderate' }]);
  });
});

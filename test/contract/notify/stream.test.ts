import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OpenStream } from '../../support/servers/stream-client.ts';
import { idsOf, soon, StreamWorld } from '../../support/worlds/stream-world.ts';

let world: StreamWorld;
beforeAll(async () => {
  world = await StreamWorld.start();
});
afterEach(() => world.tidy());
afterAll(() => world.stop());

const list = async (token: string): Promise<Record<string, unknown>[]> =>
  (await world.service.get('/api/smart-alerts/notifications?limit=200', token)).body.data;

const levels = (stream: OpenStream): number[] => stream.notifications.map(({ data }) => data.level);

describe('a live stream', () => {
  test('sends numbered notifications as they are made, with the content of the list', async () => {
    const { userId, token } = await world.arrives();
    await world.watch(token);
    const stream = await world.open(token);
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.headers.get('cache-control')).toBe('no-store');
    await world.spend(userId, '80.00');
    await vi.waitFor(() => expect(levels(stream)).toEqual([80]), soon);
    await world.spend(userId, '15.00');
    await vi.waitFor(() => expect(levels(stream)).toEqual([80, 95]), soon);
    await world.service.settled();
    const listed = (await list(token)).toReversed();
    expect(Object.keys(stream.notifications[0]?.data)).toEqual(
      expect.arrayContaining(['createdAt', 'deliveries', 'status']),
    );
    // The other fields may have changed since; only the list shows their present values.
    const fields = ['id', 'type', 'severity', 'title', 'message', 'ruleId', 'level', 'createdAt'];
    const contentOf = (each: Record<string, unknown>) => fields.map((field) => each[field]);
    expect(stream.notifications.map(({ data }) => contentOf(data))).toEqual(listed.map(contentOf));
    expect(stream.notifications.map(({ id }) => id)).toEqual(['1', '2']);
  });

  test('starts with the next notification, or after the Last-Event-ID if that is given', async () => {
    const { userId, token } = await world.arrives();
    const ids = await world.unannounced(userId, 120);
    for (const id of ids.slice(0, 119)) await world.announce(id);
    const fresh = await world.open(token);
    const resumed = await world.open(token, { 'last-event-id': '7' }, world.other);
    const ahead = await world.open(token, { 'last-event-id': '900' });
    await vi.waitFor(() => expect(resumed.notifications).toHaveLength(112), soon);
    await world.announce(ids[119] ?? '');
    await vi.waitFor(() => {
      expect(idsOf(resumed)).toEqual(ids.slice(7));
      expect(idsOf(fresh)).toEqual(ids.slice(119));
      expect(idsOf(ahead)).toEqual(ids.slice(119));
    }, soon);
    expect(resumed.notifications.map(({ id }) => Number(id))).toEqual(ids.slice(7).map((_, n) => n + 8));
  });

  test('sends the budget progress of active rules at its start and after each change', async () => {
    const { userId, token } = await world.arrives();
    const ruleId = await world.watch(token, { budgetAmount: '30.00', currency: 'USD' });
    await world.watch(token, { categoryId: 'rent', isActive: false });
    const at = {
      ruleId,
      budget: '30.00',
      currency: 'USD',
      periodStart: '2026-11-01',
      periodEnd: '2026-12-01',
    };
    const stream = await world.open(token);
    await vi.waitFor(() => expect(stream.spending).toEqual([{ ...at, spent: '0.00', pct: 0 }]), soon);
    await world.spend(userId, '10.00');
    await vi.waitFor(() => expect(stream.spending).toHaveLength(2), soon);
    expect(stream.spending[1]).toEqual({ ...at, spent: '10.00', pct: 33 });
    await world.spend(userId, '-10.10');
    await vi.waitFor(() => expect(stream.spending[2]).toEqual({ ...at, spent: '-0.10', pct: -1 }), soon);
    await world.service.put(`/api/smart-alerts/rules/${ruleId}`, { budgetAmount: '60.00' }, token);
    await vi.waitFor(() => expect(stream.spending[3]).toMatchObject({ budget: '60.00' }), soon);
    expect(stream.spending).toHaveLength(4);
    expect(stream.events.filter(({ event, id }) => event === 'spending' && id !== '')).toEqual([]);
  });

  test('shows one person’s notifications and budgets alone', async () => {
    const [one, two] = [await world.arrives(), await world.arrives()];
    const { tenantId } = await world.service.anotherTenant();
    const namesake = await world.service.token(one.userId, { tenantId });
    const from = { 'last-event-id': '0' };
    const streams = [
      await world.open(one.token, from),
      await world.open(two.token, from),
      await world.open(namesake, from),
    ];
    const ids = [await world.unannounced(one.userId, 1), await world.unannounced(two.userId, 2)];
    const rules = [await world.watch(one.token), await world.watch(two.token)];
    await Promise.all(ids.flat().map((id) => world.announce(id)));
    const received = () => streams.map((stream) => new Set(idsOf(stream)));
    const rulesShown = () => streams.map(({ spending }) => spending.map(({ ruleId }) => ruleId));
    await vi.waitFor(() => expect(received()).toEqual([...ids, []].map((each) => new Set(each))), soon);
    await vi.waitFor(() => expect(rulesShown()).toEqual([...rules.map((each) => [each]), []]), soon);
  });

  test('outlives the request timeout and is kept alive by a comment', async () => {
    const { userId, token } = await world.arrives();
    const beganMs = performance.now();
    const stream = await world.open(token);
    await vi.waitFor(() => expect(stream.text).toMatch(/^:/m), { ...soon, timeout: 20_000 });
    expect(performance.now() - beganMs).toBeGreaterThan(14_500);
    const [id = ''] = await world.unannounced(userId, 1);
    await world.announce(id);
    await vi.waitFor(() => expect(idsOf(stream)).toEqual([id]), soon);
  });

  test('ends when its token expires', async () => {
    const brief = await world.open((await world.arrives(2)).token);
    const lasting = await world.open((await world.arrives()).token);
    expect([brief.status, lasting.status]).toEqual([200, 200]);
    await brief.ended;
    expect(await Promise.race([lasting.ended, nextTurn('still open')])).toBe('still open');
  });
});

describe('a client that leaves before its stream begins', () => {
  test.each([
    ['registers the person', 'users', 0],
    ['reads the last number', 'stream_heads', 1],
  ])('is released while the service %s', async (_name, table, counted) => {
    const { token } = await world.arrives();
    await world.breakOff(token, table, async () => expect(await world.openStreams()).toEqual([counted, 0]));
    expect(await world.openStreams()).toEqual([0, 0]);
  });
});

describe('a live stream is refused', () => {
  test('to a person with six of them in one process, until one ends', async () => {
    const { token } = await world.arrives();
    const six = await Promise.all(Array.from({ length: 6 }, () => world.open(token)));
    expect(six.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect((await world.service.get('/metrics')).body).toContain('\nspendwatch_streams 6\n');
    const seventh = await world.open(token);
    expect(seventh.status).toBe(429);
    expect(seventh.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(Number(seventh.headers.get('retry-after'))).toBeGreaterThan(0);
    await seventh.ended;
    expect(JSON.parse(seventh.text)).toMatchObject({ status: 429, title: 'Too Many Requests' });
    expect((await world.open(token, {}, world.other)).status).toBe(200);
    expect((await world.open((await world.arrives()).token)).status).toBe(200);
    await six[0]?.leave();
    await vi.waitFor(async () => expect((await world.open(token)).status).toBe(200), soon);
  });

  test.each(['x', '-1', '1.5', '9'.repeat(19)])('with %s as Last-Event-ID', async (lastId) => {
    const stream = await world.open((await world.arrives()).token, { 'last-event-id': lastId });
    await stream.ended;
    expect([stream.status, JSON.parse(stream.text).detail]).toEqual([
      400,
      expect.stringContaining('Last-Event-ID'),
    ]);
  });

  test('without a token, and to a HEAD request', async () => {
    const stream = await world.open('');
    expect(stream.status).toBe(401);
    const { token } = await world.arrives();
    const headers = { authorization: `Bearer ${token}` };
    const head = await fetch(`${world.service.url}/api/smart-alerts/stream`, { method: 'HEAD', headers });
    expect(head.status).toBe(404);
  });
});

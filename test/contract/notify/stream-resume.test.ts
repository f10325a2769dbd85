/** Checks that streams lose and repeat no notification when a connection, process or database goes away. */
import { sql as statement } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readStream, readStreamStart } from '../../../src/notify/sql/read-stream.ts';
import { Proxy } from '../../support/servers/proxy.ts';
import { ReturningClient } from '../../support/servers/stream-client.ts';
import { idsOf, soon, StreamWorld } from '../../support/worlds/stream-world.ts';

const later = { timeout: 60_000, interval: 10 };
let world: StreamWorld;
beforeAll(async () => {
  world = await StreamWorld.start();
});
afterEach(() => world.tidy());
afterAll(() => world.stop());

describe('a stream client that loses its connection', () => {
  test('before the first notification resumes from its start', async () => {
    const { userId, token } = await world.arrives();
    const [before = '', meanwhile = ''] = await world.unannounced(userId, 2);
    await world.announce(before);
    const wire = await Proxy.start(world.service.url);
    const client = new ReturningClient([wire.through('http://service')], token);
    world.onLeave(
      () => client.leave(),
      () => wire.cut(),
    );
    await vi.waitFor(() => expect(client.resumedFrom).toEqual([null]), soon);
    await wire.cut();
    await world.announce(meanwhile);
    await wire.mend();
    await vi.waitFor(() => expect(client.resumedFrom).toEqual([null, '1']), soon);
    await vi.waitFor(() => expect(idsOf(client)).toEqual([meanwhile]), soon);
  });

  test(
    'three times during 500 notifications, over two processes, gets each of them once and in order',
    {
      timeout: 180_000,
    },
    async () => {
      const { userId, token } = await world.arrives();
      const thresholds = Array.from({ length: 20 }, (_, n) => ({ percent: 5 * (n + 1), severity: 'info' }));
      for (let rule = 0; rule < 25; rule += 1) await world.watch(token, { thresholds });
      const wires = [await Proxy.start(world.service.url), await Proxy.start(world.other.url)];
      const client = new ReturningClient(
        wires.map((wire) => wire.through('http://service')),
        token,
      );
      world.onLeave(() => client.leave(), ...wires.map((wire) => () => wire.cut()));
      await vi.waitFor(() => expect(client.resumedFrom).toEqual([null]), soon);
      const stranger = await world.open((await world.arrives()).token);
      for (const round of [0, 1, 2, 3]) {
        const made = spendInSteps(userId, 5);
        await vi.waitFor(() => expect(client.notifications.length).toBeGreaterThan(125 * round + 20), later);
        if (round < 3) await Promise.all(wires.map((wire) => wire.cut()));
        await Promise.all(round < 3 ? wires.map((wire) => wire.mend()) : []);
        await made;
      }
      await vi.waitFor(() => expect(client.notifications.length).toBeGreaterThanOrEqual(500), later);
      const { rows } = await statement<{ id: string; stream_number: string }>`
      select id, stream_number from notification_history where user_id = ${userId}
      order by notification_history.stream_number`.execute(world.service.sql);
      expect(rows).toHaveLength(500);
      expect(client.notifications.map(({ id, data }) => ({ id: data.id, stream_number: id }))).toEqual(rows);
      expect(client.resumedFrom).toHaveLength(4);
      expect(stranger.notifications).toEqual([]);
    },
  );
});

/** Spends in steps that each reach the next level of every rule. */
async function spendInSteps(userId: string, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await world.spend(userId, '5.00');
    await world.service.settled();
  }
}

describe('stream numbers', () => {
  test('become visible in order, even if eight announce at once', async () => {
    const { userId } = await world.arrives();
    const ids = await world.unannounced(userId, 400);
    const person = { tenantId: world.service.tenant.tenantId, userId };
    const seen: { number: string; id: string }[] = [];
    const readNext = () =>
      world.other.services.db.transaction([person.tenantId], async (sql) => {
        const after = seen.at(-1)?.number ?? '0';
        const [news = []] = await readStream(sql, [{ ...person, after }], 1000);
        seen.push(...news.map(({ number, notification: told }) => ({ number, id: told.id })));
      });
    const progress = { isDone: false };
    const lanes = Array.from({ length: 8 }, async (_, lane) => {
      for (const id of ids.filter((__, index) => index % 8 === lane)) await world.announce(id);
    });
    const announced = Promise.all(lanes).finally(() => (progress.isDone = true));
    let reads = 0;
    for (; !progress.isDone; reads += 1) await readNext();
    await announced;
    await readNext();
    expect(reads).toBeGreaterThan(8);
    expect(seen.map(({ number }) => Number(number))).toEqual(ids.map((_, index) => index + 1));
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(ids));
  });

  test('are given once, however often a notification is announced', async () => {
    const { userId, token } = await world.arrives();
    const [id = ''] = await world.unannounced(userId, 1);
    const stream = await world.open(token, { 'last-event-id': '0' });
    await Promise.all(Array.from({ length: 8 }, () => world.announce(id)));
    const person = { tenantId: world.service.tenant.tenantId, userId };
    const last = () =>
      world.service.services.db.transaction([person.tenantId], (sql) => readStreamStart(sql, person, null));
    const before = await last();
    await world.announce(id);
    expect(await last()).toBe(before);
    const [next = ''] = await world.unannounced(userId, 1);
    await world.announce(next);
    await vi.waitFor(() => expect(stream.notifications).toHaveLength(2), soon);
    expect(idsOf(stream)).toEqual([id, next]);
    expect(stream.notifications[0]?.id).toBe('1');
  });
});

describe('live streams', () => {
  test('end at once with their process', async () => {
    const stopping = await world.join();
    const token = await stopping.token('leaving');
    const streams = [await world.open(token, {}, stopping), await world.open(token, {}, stopping)];
    const beganMs = performance.now();
    await Promise.all([stopping.stop(), ...streams.map(({ ended }) => ended)]);
    expect(performance.now() - beganMs).toBeLessThan(1_500);
  });

  test('survive an outage of the database with one line in the log', async () => {
    const wire = await Proxy.start(world.service.databaseUrl);
    const cut = await world.join(wire.through(world.service.databaseUrl));
    world.onLeave(
      () => cut.stop(),
      () => wire.cut(),
    );
    const { userId, token } = await world.arrives();
    const stream = await world.open(token, {}, cut);
    const { log, requestDb } = cut.services;
    const warned = vi.spyOn(log, 'warn');
    const reads = vi.spyOn(requestDb, 'transaction');
    await wire.cut();
    await vi.waitFor(() => expect(reads.mock.calls.length).toBeGreaterThan(3), soon);
    const [id = ''] = await world.unannounced(userId, 1);
    await world.announce(id);
    await wire.mend();
    await vi.waitFor(() => expect(idsOf(stream)).toEqual([id]), soon);
    expect(warned.mock.calls.filter(([, text]) => text === 'streams wait for the database')).toHaveLength(1);
    await stream.leave();
  });
});

/** The inbox bounds how many events wait for the database and how long a request waits. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { sql as statement } from 'kysely';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { Inbox, InboxFull } from '../../../src/ingest/inbox.ts';
import { createTenant } from '../../../src/accounts/tenants.ts';
import type { IncomingEvent } from '../../../src/ingest/decide/event.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers/database.ts';
import { type OpenedDatabase, openFreshDatabase } from '../../support/servers/opened-database.ts';
import { Proxy } from '../../support/servers/proxy.ts';
import { type Answer, startsAt, startService, type TestService } from '../../support/servers/service.ts';
import { expenseEvent } from '../../support/servers/webhook.ts';

describe('an inbox with room for ten events', () => {
  let database: OpenedDatabase;
  let inbox: Inbox;
  let tenantId: string;
  beforeEach(async () => {
    database = await openFreshDatabase();
    const clock = new SteppedClock(startsAt);
    const draft = { name: 'Test', timezone: 'UTC', currency: 'USD', benchmarks: 'opt-out' as const };
    ({ tenantId } = await createTenant(database.db, draft, clock.now()));
    inbox = new Inbox({ db: database.db, clock, onStored: async () => undefined, maxWaitingEvents: 10 });
  });
  afterEach(async () => {
    await inbox.close();
    await database.drop();
  });

  const event = (): IncomingEvent => ({
    tenantId,
    source: 'api',
    id: randomUUID(),
    type: 'expense.deleted',
    sequence: null,
    replaces: null,
    time: Temporal.Instant.from(startsAt),
    expenseId: randomUUID(),
    expense: null,
  });
  const events = (count: number) => Array.from({ length: count }, event);
  const stored = async (): Promise<number> =>
    (await database.sql.selectFrom('events').select('id').execute()).length;

  test('refuses an eleventh at once, and stores the ten', async () => {
    const settled = vi.fn<() => void>();
    const accepted = [inbox.accept(events(6)), inbox.accept(events(4))];
    for (const each of accepted) each.then(settled, settled);
    await expect(inbox.accept(events(1))).rejects.toBeInstanceOf(InboxFull);
    expect(settled).not.toHaveBeenCalled();
    expect((await Promise.all(accepted)).flat()).toEqual(Array(10).fill('accepted'));
    expect(await stored()).toBe(10);
  });

  test('refuses a request that does not fit as a whole, and accepts a smaller one', async () => {
    const first = inbox.accept(events(8));
    await expect(inbox.accept(events(3))).rejects.toBeInstanceOf(InboxFull);
    await Promise.all([first, inbox.accept(events(2))]);
    expect(await stored()).toBe(10);
  });

  test('has room again once events are stored or their storing has failed', async () => {
    await inbox.accept(events(10));
    const strangers = events(10).map((each) => ({ ...each, tenantId: randomUUID() }));
    await expect(inbox.accept(strangers)).rejects.not.toBeInstanceOf(InboxFull);
    await expect(inbox.accept(events(10))).resolves.toHaveLength(10);
  });
});

test('a single event is stored while a large request of another tenant waits for its commit', async () => {
  const database = await openFreshDatabase();
  const { db } = database;
  const clock = new SteppedClock(startsAt);
  const inbox = new Inbox({ db, clock, onStored: async () => undefined });
  const draft = { name: 'Test', timezone: 'UTC', currency: 'USD', benchmarks: 'opt-out' as const };
  const [flooding, other] = await Promise.all([1, 2].map(() => createTenant(db, draft, clock.now())));
  const accept = (tenantId = '', count = 1) =>
    inbox.accept(
      Array.from({ length: count }, () => ({
        tenantId,
        source: 'api',
        id: randomUUID(),
        type: 'expense.deleted',
        sequence: null,
        replaces: null,
        time: clock.now(),
        expenseId: randomUUID(),
        expense: null,
      })),
    );
  let isStored = false;
  const { large, own } = await db.transaction([flooding?.tenantId ?? ''], async (sql) => {
    await statement`select from tenants where id = ${flooding?.tenantId} for update`.execute(sql);
    const large = accept(flooding?.tenantId, 1000).finally(() => (isStored = true));
    const own = accept(flooding?.tenantId);
    expect(await accept(other?.tenantId)).toEqual(['accepted']);
    expect(await accept(other?.tenantId)).toEqual(['accepted']);
    expect(isStored).toBe(false);
    return { large, own };
  });
  expect(await large).toHaveLength(1000);
  expect(await own).toEqual(['accepted']);
  await inbox.close();
  await database.drop();
});

describe('a service whose database is silent', () => {
  let database: FreshDatabase;
  let wire: Proxy;
  let service: TestService;
  beforeEach(async () => {
    database = await freshDatabase();
    wire = await Proxy.start(database.url);
    service = await startService({ roles: ['web'], databaseUrl: wire.through(database.url) });
  });
  afterEach(async () => {
    await wire.cut();
    await service.stop();
    await database.drop();
  });

  test('answers 503 in time and 429 when the inbox is full, and recovers when the database is back', async () => {
    const token = await service.token('u1');
    const rules = () => service.get('/api/smart-alerts/rules', token);
    const post = (count: number) =>
      service.post(
        '/api/events',
        Array.from({ length: count }, () => expenseEvent()),
      );
    expect((await post(1)).status).toBe(202);
    expect((await rules()).status).toBe(200);

    wire.fallSilent();
    const began = performance.now();
    const timed = async (request: Promise<Answer>) => {
      const { status, headers } = await request;
      return { status, after: headers.get('retry-after'), ms: performance.now() - began };
    };
    const read = timed(rules());
    const posting = Array.from({ length: 23 }, () => timed(post(1000)));
    const early = await firstRefusal(service);
    const answers = await Promise.all(posting);
    const [unanswered, refused] = [503, 429].map((status) =>
      answers.filter((each) => each.status === status),
    );
    expect(unanswered?.map(({ after }) => after)).toEqual(Array(20).fill('2'));
    expect(refused?.map(({ after }) => after)).toEqual(Array(3).fill('1'));
    expect(Math.max(...(refused ?? []).map(({ ms }) => ms))).toBeLessThan(10_000);
    expect(early).toMatch(/^HTTP\/1\.1 429 /);
    expect(await read).toMatchObject({ status: 503, after: '2' });
    expect(Math.max((await read).ms, ...answers.map(({ ms }) => ms))).toBeLessThan(20_000);

    await wire.cut();
    await wire.mend();
    const waitOptions = { timeout: 20_000 };
    await expect.poll(async () => (await rules()).status, waitOptions).toBe(200);
    await expect.poll(async () => (await post(1)).status, waitOptions).toBe(202);
  });
});

/** Announces a body, again and again, and never sends it. Returns the first answer that comes all the same. */
async function firstRefusal({ url, tenant: { apiKey } }: TestService): Promise<string> {
  const { hostname, port } = new URL(url);
  const request = [
    'POST /api/events HTTP/1.1',
    `host: ${hostname}`,
    `authorization: Bearer ${apiKey}`,
    'content-type: application/json',
    'content-length: 1000000',
    '\r\n',
  ].join('\r\n');
  for (;;) {
    const socket = connect(Number(port), hostname);
    socket.write(request);
    const answered = await Promise.race([once(socket, 'data'), delay(100, null)]);
    socket.destroy();
    if (answered) return String(answered[0]);
  }
}

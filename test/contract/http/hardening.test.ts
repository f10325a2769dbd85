/** Requests that are made to break something, and answers that tell a stranger nothing. */
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWebhookSource } from '../../../src/accounts/webhook-sources.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
let token: string;
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
  token = await service.token('u1');
});
afterAll(() => service.stop());

const event = (id: string, source: string) => ({
  id,
  source,
  type: 'expense.created',
  time: service.clock.now().toString(),
  data: {
    expenseId: id,
    userId: 'u1',
    categoryId: 'food',
    amount: '1.00',
    currency: 'USD',
    spentAt: service.clock.now().toString(),
  },
});

test.each(['9999-12', '1899-12', '2200-01', '0000-01'])('the month %s is refused', async (period) => {
  for (const path of ['benchmarks', 'comparison']) {
    const answer = await service.get(`/api/smart-alerts/${path}/groceries?period=${period}`, token);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/period' }] } });
  }
});

test('a reason that PostgreSQL cannot store is refused', async () => {
  const path = '/api/smart-alerts/recommendations/0198c0de-0000-7000-8000-000000000000/dismiss';
  const answer = await service.put(path, { reason: 'a\u0000b' }, token);
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/reason' }] } });
});

test.each(['a b', 'a"b', '<script>', 'a/b'])('a request for the host %s is refused', async (host) => {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  socket.write(`GET /docs/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});

describe('the id of a webhook as the source of a key’s event', () => {
  test('is refused, and that of another tenant’s webhook is a source like any other', async () => {
    const { db, clock } = service.services;
    const create = (tenantId: string) =>
      db.transaction([tenantId], (sql) => createWebhookSource(sql, tenantId, clock.now()));
    const own = await create(service.tenant.tenantId);
    const other = await service.anotherTenant();
    const foreign = await create(other.tenantId);
    const [ownId, foreignId] = [own?.sourceId ?? '', foreign?.sourceId ?? ''];
    const alone = await service.post('/api/events', event('a', ownId.toUpperCase()));
    expect(alone).toMatchObject({ status: 409, body: { errors: [{ pointer: '/source' }] } });
    const many = await service.post('/api/events', [
      event('b', ownId),
      event('c', 'shop'),
      event('d', foreignId),
    ]);
    expect(many).toMatchObject({
      status: 202,
      body: {
        accepted: 2,
        duplicates: 0,
        rejected: [{ index: 0, id: 'b', code: 'source_reserved', pointer: '/0/source' }],
      },
    });
  });
});

describe('the operator’s pages', () => {
  const authorization = `Basic ${btoa('operator:operator-password')}`;
  const pause = (headers: Record<string, string>) =>
    fetch(`${service.url}/admin/queues/api/queues/deliveries/pause`, {
      method: 'PUT',
      headers: { authorization, ...headers },
    });

  test('load nothing from elsewhere, post nowhere else, and are not kept by a browser', async () => {
    const { headers } = await fetch(`${service.url}/admin/queues`, { headers: { authorization } });
    const policy = headers.get('content-security-policy');
    for (const part of [
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ])
      expect(policy).toContain(part);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('accept no request that another site causes, also from browsers that only send its origin', async () => {
    expect((await pause({ origin: 'https://evil.example' })).status).toBe(404);
    expect((await pause({ origin: 'null' })).status).toBe(404);
    expect((await pause({ 'sec-fetch-site': 'cross-site' })).status).toBe(404);
    expect((await pause({ origin: service.url })).status).toBe(200);
  });
});

test('the page of the reference is sent once to a browser that keeps it', async () => {
  for (const path of ['/docs/js/scalar.js', '/openapi.json']) {
    const first = await fetch(service.url + path);
    const etag = first.headers.get('etag') ?? '';
    expect((await first.text()).length).toBeGreaterThan(100_000);
    const again = await fetch(service.url + path, { headers: { 'if-none-match': etag } });
    expect({ status: again.status, body: await again.text() }).toEqual({ status: 304, body: '' });
  }
});

describe('a body that nobody asked for', () => {
  const head = (length: number) =>
    `POST /api/webhooks/01a20366-d557-72d4-9115-206e1bc29d65 HTTP/1.1\r\nHost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  const open = () => connect(Number(new URL(service.url).port), '127.0.0.1');

  test('is answered at once, and cut off if it drips', async () => {
    const socket = open();
    const began = performance.now();
    const drip = setInterval(() => socket.write(' '), 50);
    socket.write(head(1_000_000));
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('HTTP/1.1 401');
    expect(performance.now() - began).toBeLessThan(3_000);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // The connection is reset, because unread bytes are left.
    socket.on('error', () => {});
    await closed;
    clearInterval(drip);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('of a usual size leaves its connection open for the next request', async () => {
    const socket = open();
    let received = '';
    socket.setEncoding('utf8').on('data', (text) => (received += text));
    socket.write(head(100_000) + ' '.repeat(100_000));
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => received, { timeout: 10_000 }).toContain('HTTP/1.1 200');
    expect(received).toContain('HTTP/1.1 401');
    socket.destroy();
  });
});

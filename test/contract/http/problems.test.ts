import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../support/servers/database.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

type Request = { method?: string; headers?: Record<string, string>; body?: string };

async function problemAt(path: string, request: Request = {}) {
  const answer = await fetch(service.url + path, request);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  // The media type was checked above.
  const body = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, headers: answer.headers, body };
}

const withKey = (headers: Record<string, string> = {}) => ({
  authorization: `Bearer ${service.tenant.apiKey}`,
  'content-type': 'application/json',
  ...headers,
});

const posting = (body: string, headers: Record<string, string> = {}): Request => ({
  method: 'POST',
  headers: withKey(headers),
  body,
});

describe('a problem document is the response to', () => {
  const errors: [string, number, string, () => Request][] = [
    ['an unknown route', 404, '/nope', () => ({})],
    ['an unknown route of the API', 404, '/api/nope', () => ({ headers: withKey() })],
    ['an unknown route for people', 404, '/api/smart-alerts/nope', () => ({})],
    ['an unknown method', 404, '/api/events', () => ({ method: 'PATCH', headers: withKey() })],
    ['a missing credential', 401, '/api/events', () => ({ method: 'POST' })],
    ['a path that cannot be decoded', 400, '/%zz', () => ({})],
    ['malformed JSON', 400, '/api/events', () => posting('{"id":')],
    ['a missing body', 400, '/api/events', () => posting('')],
    ['an unknown media type', 415, '/api/events', () => posting('x', { 'content-type': 'text/xml' })],
    ['a compressed body', 415, '/api/events', () => posting('x', { 'content-encoding': 'gzip' })],
    ['a body that is too large', 413, '/api/events', () => posting(' '.repeat(6 * 1024 * 1024))],
    ['a missing password', 401, '/admin/queues', () => ({})],
    [
      'a wrong password',
      401,
      '/admin/queues',
      () => ({ headers: { authorization: `Basic ${btoa('operator:x')}` } }),
    ],
  ];

  test.each(errors)('%s: %i', async (_name, status, path, request) => {
    const answer = await problemAt(`${path}?a=1`, request());
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ type: 'about:blank', status, instance: path });
    expect(answer.body['title']).toBeTypeOf('string');
    expect(answer.headers.has('www-authenticate')).toBe(status === 401);
  });

  test('a body with __proto__ outside the events API', async () => {
    const body = '{"__proto__":{"isAdmin":true}}';
    const headers = withKey({ authorization: `Bearer ${service.tenant.adminKey}` });
    const answer = await problemAt('/api/users/u1', { method: 'PUT', headers, body });
    expect(answer.status).toBe(400);
  });

  test('a body without a JSON media type, with the header to send', async () => {
    const { body } = await problemAt('/api/events', posting('{}', { 'content-type': 'text/plain' }));
    expect(body['detail']).toContain('Say what is sent: "content-type: application/json".');
  });

  test('bytes that are not HTTP', async () => {
    const answer = await rawRequest('GET / HTTP/1.1\r\nno header\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('content-type: application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      status: 400,
      type: 'about:blank',
      detail: 'This is not a well-formed HTTP request.',
    });
  });

  test('headers that are too large', async () => {
    expect(await rawRequest(`GET / HTTP/1.1\r\nhost: h\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });

  test('a cross-site request with the operator’s password', async () => {
    const headers = {
      authorization: `Basic ${btoa('operator:operator-password')}`,
      'sec-fetch-site': 'cross-site',
    };
    const pause = '/admin/queues/api/queues/notifications/pause';
    expect((await problemAt(pause, { method: 'PUT', headers })).status).toBe(404);
  });
});

function rawRequest(text: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('the id of a request', () => {
  const idFor = async (given?: string) => {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-request-id': given };
    const answer = await fetch(`${service.url}/health/live`, { headers });
    return answer.headers.get('x-request-id');
  };

  test('is the given one if that is safe to log', async () => {
    expect(await idFor('order:42_a.b-c')).toBe('order:42_a.b-c');
    expect(await idFor('x'.repeat(128))).toBe('x'.repeat(128));
  });

  test.each([undefined, '', 'a b', '{"a":1}', 'x'.repeat(129)])(
    'is generated if the given one is %j',
    async (given) => {
      const id = await idFor(given);
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

test('API responses forbid caching and content sniffing', async () => {
  const answer = await service.get('/api/users/nobody', service.tenant.adminKey);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
});

/** A TCP proxy to PostgreSQL that can be cut. */
class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #to: URL;

  constructor(to: string) {
    this.#to = new URL(to);
    this.#server = createServer((near) => this.#join(near));
  }

  async open(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address();
    const through = new URL(this.#to);
    if (typeof address === 'object' && address) through.host = `127.0.0.1:${address.port}`;
    return through.toString();
  }

  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket): void {
    const far = connect(Number(this.#to.port), this.#to.hostname);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far);
    far.pipe(near);
  }
}

test('the service answers 503 during a database outage and recovers after it', async () => {
  const database = await freshDatabase();
  const wire = new Wire(database.url);
  const databaseUrl = await wire.open();
  const cut = await startService({ roles: ['web'], databaseUrl });
  try {
    const event = {
      id: 'e1',
      type: 'expense.deleted',
      time: '2026-11-10T12:00:00Z',
      data: { expenseId: 'x' },
    };
    expect((await cut.post('/api/events', event)).status).toBe(202);
    wire.cut();
    const refused = await cut.post('/api/events', { ...event, id: 'e2' });
    expect(refused).toMatchObject({ status: 503, body: { status: 503, title: 'Service Unavailable' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const ready = await cut.get('/health/ready');
    const queues = cut.services.redis ? { redis: { ok: true } } : { queue: { ok: false } };
    expect(ready).toMatchObject({ status: 503, body: { checks: { database: { ok: false }, ...queues } } });
    expect(ready.body.checks.database.reason).toBeTypeOf('string');
    expect((await cut.get('/health/live')).status).toBe(200);
    await wire.open(Number(new URL(databaseUrl).port));
    await expect.poll(async () => (await cut.get('/health/ready')).status, { timeout: 20_000 }).toBe(200);
    expect((await cut.post('/api/events', { ...event, id: 'e2' })).status).toBe(202);
  } finally {
    await cut.stop();
    wire.cut();
    await database.drop();
  }
});

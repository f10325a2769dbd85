/** `spendwatch doctor` with servers that are up, misconfigured, away or silent. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLine } from '../../support/servers/command-line.ts';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';
import { PrivateRedis, whyNoServer } from '../../support/servers/redis.ts';

type Check = { name: string; status: string; seen: string; fix?: string };
type Examined = { code: number; text: string; checks: Check[] };

async function doctor(env: Record<string, string>): Promise<Examined> {
  const { code, stdout, stderr } = await runLine(env, 'doctor', '--json');
  // The command prints one document.
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  return { code, text: stdout + stderr, checks };
}

const find = ({ checks }: Examined, name: string): Check | undefined =>
  checks.find((check) => check.name === name);

const password = `secret-${randomBytes(6).toString('hex')}`;
const jwt = { JWT_SECRET: 'a-secret-of-these-tests-of-32-characters' };
const nowhere = `postgres://somebody:${password}@127.0.0.1:1/none`;

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('doctor finds no failure in a database that is up to date', async () => {
  const examined = await doctor({ ...jwt, DATABASE_URL: database.url });
  expect(examined.code).toBe(0);
  expect(examined.checks.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(find(examined, 'database')).toMatchObject({
    status: 'ok',
    seen: expect.stringContaining('PostgreSQL 18'),
  });
  expect(find(examined, 'database clock')?.status).toBe('ok');
  expect(find(examined, 'queue schema')?.status).toBe('ok');
  expect(find(examined, 'scheduled jobs')).toMatchObject({ status: 'warn', seen: 'none has run yet' });
});

test('doctor warns about a login as the owner, and accepts a role of its own', async () => {
  const login = `doctor_${randomBytes(4).toString('hex')}`;
  const owner = new Client({ connectionString: database.url });
  await owner.connect();
  try {
    await owner.query(
      `create role ${login} login password '${password}'; grant spendwatch_service to ${login}`,
    );
    const own = new URL(database.url);
    own.username = login;
    own.password = password;
    const asOwner = await doctor({ ...jwt, DATABASE_URL: database.url });
    expect(find(asOwner, 'database role')).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('MIGRATION_DATABASE_URL'),
    });
    const asLogin = await doctor({ ...jwt, DATABASE_URL: own.href });
    const seen = `signs in as ${login}, acts as spendwatch_service`;
    expect(find(asLogin, 'database role')).toEqual({ name: 'database role', status: 'ok', seen });
    expect(asLogin.text).not.toContain(password);
    await owner.query(`revoke spendwatch_service from ${login}`);
    const refused = await doctor({ ...jwt, DATABASE_URL: own.href });
    expect(find(refused, 'migrations')).toMatchObject({
      status: 'fail',
      seen: expect.stringContaining('the rights of the role'),
    });
    expect(refused.code).toBe(1);
  } finally {
    await owner.query(`drop role if exists ${login}`);
    await owner.end();
  }
});

test('doctor reports pending migrations', async () => {
  const name = `empty_${randomBytes(4).toString('hex')}`;
  const server = new Client({ connectionString: database.url });
  await server.connect();
  try {
    await server.query(`create database ${name}`);
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    const examined = await doctor({ ...jwt, DATABASE_URL: url.href });
    expect(find(examined, 'migrations')).toMatchObject({
      status: 'fail',
      seen: expect.stringMatching(/lacks \d+ migrations/),
      fix: expect.stringContaining('npx spendwatch migrate'),
    });
    expect(examined.code).toBe(1);
  } finally {
    await server.query(`drop database if exists ${name} with (force)`);
    await server.end();
  }
});

test('doctor goes on when the database is away, and prints no secret', async () => {
  const env = { DATABASE_URL: nowhere, JWKS_URL: `http://me:${password}@127.0.0.1:1/keys` };
  const examined = await doctor({ ...env, JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' });
  expect(examined.code).toBe(1);
  expect(find(examined, 'database')).toMatchObject({
    status: 'fail',
    seen: expect.stringContaining('ECONNREFUSED'),
  });
  expect(find(examined, 'tokens')?.status).toBe('fail');
  expect(find(examined, 'channels')?.status).toBe('ok');
  expect(examined.text).not.toContain(password);
});

test('doctor reports an invalid setting', async () => {
  const examined = await doctor({ PORT: '99999' });
  expect(examined.code).toBe(1);
  expect(find(examined, 'settings')).toMatchObject({
    status: 'fail',
    seen: expect.stringContaining('setting PORT'),
  });
});

test('doctor refuses the example secret of the documentation', async () => {
  const published = { JWT_SECRET: 'a-long-random-text-of-32-or-more-characters' };
  expect(find(await doctor({ DATABASE_URL: nowhere, ...published }), 'tokens')?.status).toBe('fail');
  expect(find(await doctor({ DATABASE_URL: nowhere, ...jwt }), 'tokens')?.status).toBe('ok');
});

describe('a host that accepts connections and never answers', () => {
  let silentServer: Server;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    silentServer = createServer((socket) => void sockets.add(socket.on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    );
    await once(silentServer, 'listening');
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    silentServer.close();
  });

  test('does not make doctor wait', async () => {
    const address = silentServer.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const at = `127.0.0.1:${port}`;
    const urls = {
      DATABASE_URL: `postgres://u@${at}/d`,
      REDIS_URL: `redis://${at}`,
      JWKS_URL: `http://${at}/k`,
    };
    const startedAt = performance.now();
    const examined = await doctor({ ...urls, JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(sockets.size).toBeGreaterThan(2);
    for (const name of ['database', 'redis', 'tokens']) expect(find(examined, name)?.status).toBe('fail');
    expect(examined.code).toBe(1);
  });
});

describe.skipIf(whyNoServer !== null)('Redis', () => {
  test('fails doctor if it may evict jobs, and has doctor warn if it keeps no file', async () => {
    const redis = await PrivateRedis.start();
    const wasteful = await PrivateRedis.start('--maxmemory-policy', 'allkeys-lru');
    try {
      const well = await doctor({ ...jwt, DATABASE_URL: database.url, REDIS_URL: redis.url });
      expect(well.checks.filter(({ status }) => status === 'fail')).toEqual([]);
      expect(well.code).toBe(0);
      expect(find(well, 'redis memory')?.status).toBe('ok');
      expect(find(well, 'redis persistence')?.status).toBe('warn');
      const ill = await doctor({ ...jwt, DATABASE_URL: nowhere, REDIS_URL: wasteful.url });
      expect(find(ill, 'redis memory')).toMatchObject({
        status: 'fail',
        seen: expect.stringContaining('allkeys-lru'),
        fix: 'set maxmemory-policy to noeviction',
      });
    } finally {
      await Promise.all([redis.kill(), wasteful.kill()]);
    }
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

type Login = { server: Server; url: string; keys: Map<string, CryptoKey> };

const algorithms = ['RS256', 'ES256', 'PS256'];

/** Starts a login service that publishes a key for each algorithm. */
async function startLogin(): Promise<Login> {
  const keys = new Map<string, CryptoKey>();
  const jwks: object[] = [];
  for (const alg of algorithms) {
    const pair = await generateKeyPair(alg);
    keys.set(alg, pair.privateKey);
    jwks.push({ ...(await exportJWK(pair.publicKey)), kid: alg, alg });
  }
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: jwks })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server has an address object, never a pipe name.
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}/jwks.json`, keys };
}

const envFor = (url: string) => ({
  JWKS_URL: url,
  JWT_ISSUER: 'https://login.test/',
  JWT_AUDIENCE: 'spendwatch',
});

let login: Login;
let service: TestService;
beforeAll(async () => {
  login = await startLogin();
  service = await startService({ roles: ['web'], env: envFor(login.url) });
});
afterAll(async () => {
  await service.stop();
  login.server.close();
});

async function sign(alg: string, changes: Record<string, unknown> = {}, kid = alg): Promise<string> {
  const key = login.keys.get(alg);
  if (!key) throw new Error(`no key for ${alg}`);
  const claims = { sub: 'u1', tenant: service.tenant.tenantId, role: 'member' };
  const where = { iss: 'https://login.test/', aud: 'spendwatch' };
  const exp = Math.floor(Date.now() / 1000) + 60;
  return new SignJWT({ ...claims, ...where, exp, ...changes }).setProtectedHeader({ alg, kid }).sign(key);
}

const status = async (token: string) => (await service.get('/api/smart-alerts/rules', token)).status;

test.each(['RS256', 'ES256'])('a token signed with %s by a published key is accepted', async (alg) => {
  expect(await status(await sign(alg))).toBe(200);
});

test.each([
  ['another issuer', () => sign('RS256', { iss: 'https://other.test/' })],
  ['no issuer', () => sign('RS256', { iss: undefined })],
  ['another audience', () => sign('RS256', { aud: 'other' })],
  ['no expiry', () => sign('ES256', { exp: undefined })],
  ['an unknown key', () => sign('RS256', {}, 'unknown')],
  ['another algorithm', () => sign('PS256')],
])('a token with %s is refused', async (_name, make) => {
  expect(await status(await make())).toBe(401);
});

test('a token signed with a secret is refused', async () => {
  const token = await new SignJWT({ sub: 'u1', tenant: service.tenant.tenantId, role: 'member' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(JSON.stringify(login.url).repeat(3)));
  expect(await status(token)).toBe(401);
});

test('a service with a JWKS makes no tokens of its own', async () => {
  const answer = await service.post('/api/tokens', { userId: 'u1' }, service.tenant.adminKey);
  expect(answer.status).toBe(404);
});

test('the service answers 503 while the keys cannot be fetched', async () => {
  const gone = await startService({ roles: ['web'], env: envFor('http://127.0.0.1:9/jwks.json') });
  try {
    const answer = await gone.get('/api/smart-alerts/rules', await sign('RS256'));
    expect(answer).toMatchObject({ status: 503, body: { status: 503 } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  } finally {
    await gone.stop();
  }
});

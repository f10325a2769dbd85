/** Tokens that end before their time: with the key that made them, with their person, with their tenant, and with age. */
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '../../../src/accounts/api-keys.ts';
import { runCommand, runLine } from '../../support/servers/command-line.ts';
import { OpenStream } from '../../support/servers/stream-client.ts';
import { startService, type TestService, type TestTenant } from '../../support/servers/service.ts';

const secret = 'a-secret-of-the-tests-of-32-or-more-characters';
const daySeconds = 86_400;

let service: TestService;
let env: Record<string, string>;
beforeAll(async () => {
  service = await startService({ roles: ['web'], env: { JWT_SECRET: secret } });
  env = { DATABASE_URL: service.databaseUrl, JWT_SECRET: secret };
});
afterAll(() => service.stop());

const rules = '/api/smart-alerts/rules';
const status = async (token: string) => (await service.get(rules, token)).status;
/** Processes notice within five seconds. */
async function untilRefused(token: string): Promise<void> {
  await expect.poll(() => status(token), { timeout: 20_000, interval: 100 }).toBe(401);
}

const makeToken = async (tenant: TestTenant, userId: string, key = tenant.adminKey): Promise<string> =>
  (await service.post('/api/tokens', { userId, ttlSeconds: 30 * daySeconds }, key)).body.token;

const sign = (claims: Record<string, unknown>) =>
  new SignJWT({ sub: 'u1', tenant: service.tenant.tenantId, role: 'member', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe('a token', () => {
  test('ends with the key that made it, and its stream too; those of other keys stay', async () => {
    const { tenantId } = service.tenant;
    const { db, clock } = service.services;
    const key = await db.transaction([tenantId], (sql) => createApiKey(sql, tenantId, 'admin', clock.now()));
    const [token, other] = [
      await makeToken(service.tenant, 'u1', key?.apiKey),
      await makeToken(service.tenant, 'u1'),
    ];
    const stream = await OpenStream.open(service.url, token);
    expect([await status(token), await status(other)]).toEqual([200, 200]);
    await runCommand(env, 'key', 'revoke', key?.keyId ?? '');
    await untilRefused(token);
    await stream.ended;
    expect(await status(other)).toBe(200);
  });

  test('ends with all others of its person, and with no other person’s', async () => {
    const [token, other] = [await makeToken(service.tenant, 'u2'), await makeToken(service.tenant, 'u3')];
    const withoutTime = await sign({ sub: 'u2', exp: secondsFromNow(60) });
    expect([await status(token), await status(other), await status(withoutTime)]).toEqual([200, 200, 200]);
    const ended = await runCommand(
      env,
      'user',
      'sign-out',
      '--tenant',
      service.tenant.tenantId,
      '--user',
      'u2',
    );
    expect(ended).toMatchObject({ tenantId: service.tenant.tenantId, userId: 'u2' });
    await untilRefused(token);
    expect([await status(withoutTime), await status(other)]).toEqual([401, 200]);
    const later = await sign({ sub: 'u2', iat: secondsFromNow(1), exp: secondsFromNow(60) });
    expect(await status(later)).toBe(200);
  });

  test('ends with all others of its tenant, and with no other tenant’s', async () => {
    const tenant = await service.anotherTenant();
    const [token, other] = [await makeToken(tenant, 'u1'), await makeToken(service.tenant, 'u3')];
    expect([await status(token), await status(other)]).toEqual([200, 200]);
    await runCommand(env, 'tenant', 'sign-out', '--tenant', tenant.tenantId);
    await untilRefused(token);
    expect(await status(other)).toBe(200);
    expect((await service.post('/api/tokens', { userId: 'u1' }, tenant.adminKey)).status).toBe(201);
  });

  test.each([
    ['issued 31 days ago', { iat: -31 * daySeconds, exp: 60 }, 401],
    ['issued 29 days ago', { iat: -29 * daySeconds, exp: 60 }, 200],
    ['issued just now, for 95 years', { iat: 0, exp: 95 * 365 * daySeconds }, 200],
    ['issued in an hour', { iat: 3600, exp: 7200 }, 401],
    ['without the time of issue, for 29 days', { exp: 29 * daySeconds }, 200],
    ['without the time of issue, for 31 days', { exp: 31 * daySeconds }, 401],
  ])('%s', async (_name, times, expected) => {
    const claims = Object.entries(times).map(([name, seconds]) => [name, secondsFromNow(seconds)] as const);
    expect(await status(await sign(Object.fromEntries(claims)))).toBe(expected);
  });
});

test('nothing is ended for people and tenants that do not exist', async () => {
  const { tenantId } = service.tenant;
  const nobody = await runLine(env, 'user', 'sign-out', '--tenant', tenantId, '--user', 'nobody');
  expect(nobody).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'error: no person has the id "nobody" there\n',
  });
  const nowhere = await runLine(
    env,
    'tenant',
    'sign-out',
    '--tenant',
    '01a20366-d534-7ad4-baa5-cf2d9295768f',
  );
  expect(nowhere).toMatchObject({ code: 1, stdout: '' });
  expect(nowhere.stderr).toContain('01a20366-d534-7ad4-baa5-cf2d9295768f');
});

import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey, revokeApiKey } from '../../../src/accounts/api-keys.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const secret = 'a-secret-of-the-tests-of-32-or-more-characters';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['web'], env: { JWT_SECRET: secret } });
});
afterAll(() => service.stop());

const call = (method: string, path: string, authorization?: string) =>
  fetch(service.url + path, { method, headers: authorization === undefined ? {} : { authorization } });

const nowSeconds = () => Math.floor(Date.now() / 1000);

type Claims = Record<string, unknown>;
const sign = (claims: Claims, key = secret, alg = 'HS256') =>
  new SignJWT({ exp: nowSeconds() + 60, ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(key));

const claims = (changes: Claims = {}): Claims => ({
  sub: 'u1',
  tenant: service.tenant.tenantId,
  role: 'member',
  ...changes,
});

describe('an API key', () => {
  const unknownKey = `swk_${'x'.repeat(43)}`;

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['an unknown key', `Bearer ${unknownKey}`],
    ['no scheme', unknownKey],
    ['another scheme', `Basic ${btoa('operator:operator-password')}`],
    ['a malformed key', 'Bearer swk_short'],
    ['two keys', `Bearer ${unknownKey} ${unknownKey}`],
  ])('is requested with 401 if there is %s', async (_name, authorization) => {
    const answer = await call('GET', '/api/events/cards/e1', authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="spendwatch"/);
    expect(await answer.json()).toMatchObject({ status: 401, instance: '/api/events/cards/e1' });
  });

  test('works with the scheme in any letter case', async () => {
    const answer = await call('GET', '/api/events/cards/e1', `bearer ${service.tenant.apiKey}`);
    expect(answer.status).toBe(404);
  });

  test('is not accepted as a person’s token, nor a token as a key', async () => {
    const token = await sign(claims());
    expect((await call('GET', '/api/events/cards/e1', `Bearer ${token}`)).status).toBe(401);
    for (const key of [service.tenant.apiKey, service.tenant.adminKey])
      expect((await call('GET', '/api/smart-alerts/rules', `Bearer ${key}`)).status).toBe(401);
  });

  test.each([
    ['GET', '/api/users/u1'],
    ['PUT', '/api/users/u1'],
    ['PUT', '/api/categories/c1'],
    ['POST', '/api/tokens'],
  ])('for ingest gets 404 at %s %s', async (method, path) => {
    expect((await call(method, path, `Bearer ${service.tenant.apiKey}`)).status).toBe(404);
    expect((await call(method, path)).status).toBe(401);
  });

  test('for admin may ingest too', async () => {
    expect((await call('POST', '/api/events', `Bearer ${service.tenant.adminKey}`)).status).not.toBe(404);
  });

  test('stops working within seconds after it is revoked', async () => {
    const { db, clock } = service.services;
    const made = await createApiKey(service.sql, service.tenant.tenantId, 'ingest', clock.now());
    if (!made) throw new Error('no key was made');
    const status = async () => (await call('GET', '/api/events/a/b', `Bearer ${made.apiKey}`)).status;
    expect(await status()).toBe(404);
    await revokeApiKey(db, made.keyId, clock.now());
    await expect.poll(status, { timeout: 20_000, interval: 200 }).toBe(401);
  });
});

describe('a 401 names the credential needed and the one sent:', () => {
  const unknownKey = `swk_${'x'.repeat(43)}`;
  const [forServices, forPeople] = ['/api/events/cards/e1', '/api/smart-alerts/rules'];
  const bearing = async (credential: string) => `Bearer ${credential}`;

  const answers: [string, string, () => Promise<string | undefined>, string][] = [
    [
      'no key',
      forServices,
      async () => undefined,
      'An API key is needed here, as "Authorization: Bearer …": none was sent.',
    ],
    ['an unknown key', forServices, () => bearing(unknownKey), 'The API key is not known, or was revoked.'],
    [
      'a token in place of a key',
      forServices,
      async () => bearing(await sign(claims())),
      'An API key is needed here: a person’s token was sent.',
    ],
    [
      'no token',
      forPeople,
      async () => undefined,
      'A person’s token is needed here, as "Authorization: Bearer …": none was sent.',
    ],
    [
      'a key in place of a token',
      forPeople,
      () => bearing(service.tenant.apiKey),
      'A person’s token is needed here: an API key was sent.',
    ],
    [
      'an expired token',
      forPeople,
      async () => bearing(await sign(claims({ exp: nowSeconds() - 1 }))),
      'The token is not valid, or has expired.',
    ],
    ['a malformed credential', forPeople, () => bearing('secret'), 'The token is not valid, or has expired.'],
  ];

  test.each(answers)('%s', async (_name, path, authorization, detail) => {
    const answer = await call('GET', path, await authorization());
    expect(await answer.json()).toMatchObject({ status: 401, detail });
  });
});

describe('a person’s token', () => {
  const status = async (token: string) =>
    (await call('GET', '/api/smart-alerts/rules', `Bearer ${token}`)).status;

  test('is accepted and registers its person', async () => {
    const token = await sign(claims({ sub: 'first seen 😀' }));
    const path = `/api/users/${encodeURIComponent('first seen 😀')}`;
    expect((await service.get(path, service.tenant.adminKey)).status).toBe(404);
    expect(await Promise.all([status(token), status(token)])).toEqual([200, 200]);
    const { body } = await service.get(path, service.tenant.adminKey);
    expect(body).toMatchObject({ id: 'first seen 😀', registeredAt: '2026-11-10T12:00:00Z' });
  });

  const hour = 3600;
  const wrong: [string, () => Promise<string>][] = [
    ['of another secret', () => sign(claims(), 'another-secret-of-32-or-more-characters')],
    ['that expired', () => sign(claims({ exp: nowSeconds() - 1 }))],
    ['that never expires', () => sign(claims({ exp: undefined }))],
    ['with an expiry that is no number', () => sign(claims({ exp: 'never' }))],
    ['not valid yet', () => sign(claims({ nbf: nowSeconds() + hour }))],
    ['of another algorithm', () => sign(claims(), secret.repeat(2), 'HS512')],
    ['without a person', () => sign(claims({ sub: undefined }))],
    ['of a person with an empty id', () => sign(claims({ sub: '' }))],
    ['of a person with a long id', () => sign(claims({ sub: 'x'.repeat(129) }))],
    ['of a person with a line break', () => sign(claims({ sub: 'a\nb' }))],
    ['of a person who is a number', () => sign(claims({ sub: 7 }))],
    ['without a tenant', () => sign(claims({ tenant: undefined }))],
    ['of a tenant with a malformed id', () => sign(claims({ tenant: 'acme' }))],
    ['of an unknown tenant', () => sign(claims({ tenant: '01a20371-0000-7000-8000-000000000000' }))],
    ['of several tenants', () => sign(claims({ tenant: [service.tenant.tenantId] }))],
    ['without a role', () => sign(claims({ role: undefined }))],
    ['of another role', () => sign(claims({ role: 'owner' }))],
    ['that is malformed', async () => 'abc.def.ghi'],
    ['unsigned', async () => unsigned(claims({ exp: nowSeconds() + hour }))],
    ['with its claims changed', async () => tampered(await sign(claims()), { sub: 'u2' })],
  ];

  test.each(wrong)('is refused %s', async (_name, make) => {
    const answer = await call('GET', '/api/smart-alerts/rules', `Bearer ${await make()}`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
  });

  test('expires by the system clock, not by the service’s own', async () => {
    service.clock.advance({ hours: 48 });
    expect(await status(await sign(claims()))).toBe(200);
  });
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (payload: Claims) => `${encode({ alg: 'none' })}.${encode(payload)}.`;

function tampered(token: string, changes: Claims): string {
  const [header, payload = '', signature] = token.split('.');
  const read = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return [header, encode({ ...read, ...changes }), signature].join('.');
}

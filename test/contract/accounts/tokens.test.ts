import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Tokens } from '../../../src/http/auth/tokens.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

const ask = (body: unknown) => service.post('/api/tokens', body, service.tenant.adminKey);

describe('POST /api/tokens', () => {
  test('makes a token for an hour that the API accepts from its person', async () => {
    const answer = await ask({ userId: 'u7' });
    expect(answer.status).toBe(201);
    const lasts = Temporal.Instant.from(answer.body.expiresAt).since(Temporal.Now.instant()).total('seconds');
    expect(lasts).toBeGreaterThan(3500);
    expect(lasts).toBeLessThanOrEqual(3600);
    expect((await service.get('/api/smart-alerts/rules', answer.body.token)).status).toBe(200);
    expect(await service.services.tokens.verify(answer.body.token)).toEqual({
      tenantId: service.tenant.tenantId,
      userId: 'u7',
      role: 'member',
      issuedAt: expect.any(Temporal.Instant),
      keyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('makes a token for a given role and lifetime', async () => {
    const answer = await ask({ userId: 'u7', role: 'admin', ttlSeconds: 30 * 24 * 3600 });
    expect(answer.status).toBe(201);
    expect(await service.services.tokens.verify(answer.body.token)).toMatchObject({ role: 'admin' });
  });

  test.each([
    [{}, '/userId'],
    [{ userId: '' }, '/userId'],
    [{ userId: 7 }, '/userId'],
    [{ userId: 'u', role: 'owner' }, '/role'],
    [{ userId: 'u', ttlSeconds: 0 }, '/ttlSeconds'],
    [{ userId: 'u', ttlSeconds: '60' }, '/ttlSeconds'],
    [{ userId: 'u', ttlSeconds: 1.5 }, '/ttlSeconds'],
    [{ userId: 'u', ttlSeconds: 30 * 24 * 3600 + 1 }, '/ttlSeconds'],
    [{ userId: 'u', tenantId: 't' }, '/tenantId'],
    ['[]', ''],
    ['', ''],
  ])('refuses %j with the pointer %s', async (body, pointer) => {
    const answer = await ask(body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(answer.body.errors).toHaveLength(1);
  });
});

test('a token that was used a moment ago ends when it expires', async () => {
  const { tokens } = service.services;
  const claims = { tenantId: service.tenant.tenantId, userId: 'u8', role: 'member' as const };
  const made = await tokens.sign({ ...claims, ttlSeconds: 2 });
  const verify = () => tokens.verify(made?.token ?? '');
  expect(await verify()).toMatchObject(claims);
  expect(await verify()).toMatchObject(claims);
  await vi.waitFor(async () => expect(await verify()).toBeNull(), { timeout: 4000, interval: 20 });
  expect(Date.now()).toBeGreaterThanOrEqual(made?.expiresAt.epochMilliseconds ?? Infinity);
});

describe('the generated secret for tokens', () => {
  test('is shared by processes that start together, in a file only its owner can read', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'spendwatch-secret-'));
    const file = join(dir, 'data', 'jwt-secret');
    const many = await Promise.all(Array.from({ length: 8 }, () => Tokens.open({ kind: 'generated' }, file)));
    const claims = { tenantId: service.tenant.tenantId, userId: 'u1', role: 'member' as const };
    const signed = await Promise.all(many.map((tokens) => tokens.sign({ ...claims, ttlSeconds: 60 })));
    for (const tokens of many)
      for (const made of signed) expect(await tokens.verify(made?.token ?? '')).toMatchObject(claims);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(dir, 'data'))).toEqual(['jwt-secret']);
    await rm(dir, { recursive: true });
  });
});

/** The record of what operators, keys and the command line did, and what hinders guessing. */
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AuditRecord, listAudit } from '../../../src/accounts/audit-record.ts';
import { runCommand, runLine } from '../../support/servers/command-line.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
let env: Record<string, string>;
beforeAll(async () => {
  service = await startService({ roles: ['web'], env: { TRUSTED_PROXIES: '127.0.0.1' } });
  env = { DATABASE_URL: service.databaseUrl };
});
afterAll(() => service.stop());

let since: Temporal.Instant;
beforeEach(() => {
  since = Temporal.Now.instant();
});

/** What was recorded in this test, oldest first. */
const records = async (): Promise<AuditRecord[]> =>
  (await listAudit(service.services.db.sql, { tenantId: null, since, limit: 100 })).toReversed();

describe('on record is', () => {
  test('what the command line does', async () => {
    const { tenantId } = await runCommand(env, 'tenant', 'create', '--name', 'Audited');
    const tenant = String(tenantId);
    const { keyId } = await runCommand(env, 'key', 'create', '--tenant', tenant, '--scope', 'admin');
    await runCommand(env, 'key', 'revoke', String(keyId));
    const { sourceId } = await runCommand(env, 'webhook', 'create', '--tenant', tenant);
    await runCommand(env, 'webhook', 'rotate', String(sourceId));
    await runCommand(env, 'tenant', 'sign-out', '--tenant', tenant);
    const seen = (await records()).map(({ action, actor, subject }) => [action, actor, subject]);
    expect(seen.slice(0, 1)).toEqual([['tenant.created', 'command line', tenant]]);
    expect(seen.slice(3)).toEqual([
      ['key.created', 'command line', keyId],
      ['key.revoked', 'command line', keyId],
      ['webhook.created', 'command line', sourceId],
      ['webhook.rotated', 'command line', sourceId],
      ['tokens.ended', 'command line', null],
    ]);
    const listed = await runLine(env, 'audit', 'list', '--tenant', tenant, '--limit', '2');
    expect(listed.stdout.trim().split('\n')).toEqual([
      expect.stringContaining('tokens.ended  by command line'),
      expect.stringContaining('webhook.rotated  by command line'),
    ]);
    expect((await runLine(env, 'audit', 'list', '--limit', '0')).stderr).toContain('--limit');
  });

  test('what a key does to people, without their addresses', async () => {
    const { adminKey, tenantId } = service.tenant;
    await service.post('/api/tokens', { userId: 'u1' }, adminKey);
    await service.put('/api/users/u1', { email: 'someone@example.com', name: 'Someone' }, adminKey);
    await service.put('/api/users/u1', { name: 'Someone else' }, adminKey);
    const seen = await records();
    const actor = expect.stringMatching(/^key [0-9a-f-]{36}$/);
    const common = { actor, tenantId, userId: 'u1', address: '127.0.0.1' };
    expect(seen).toMatchObject([
      { ...common, action: 'token.made' },
      { ...common, action: 'address.changed', details: { fields: ['email'] } },
    ]);
    expect(JSON.stringify(seen)).not.toContain('example.com');
  });

  test('what an operator changes on the board, and not what they look at', async () => {
    const board = `${service.url}/admin/queues/api/queues/deliveries`;
    const headers = { authorization: `Basic ${btoa('operator:operator-password')}` };
    await (await fetch(`${service.url}/admin/queues`, { headers })).text();
    await (await fetch(`${board}/pause`, { method: 'PUT', headers })).text();
    await (await fetch(`${board}/resume`, { method: 'PUT', headers })).text();
    await expect
      .poll(async () => (await records()).map(({ actor, details }) => [actor, details?.['queueName']]))
      .toEqual([
        ['operator operator', 'deliveries'],
        ['operator operator', 'deliveries'],
      ]);
  });
});

/** From another address, as a proxy that is believed tells. */
const ask = (path: string, authorization: string, from: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { authorization, 'x-forwarded-for': from };
    request(service.url + path, { headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });

const signIn = (password: string, from: string) =>
  ask('/admin/queues/api/queues', `Basic ${btoa(`operator:${password}`)}`, from);

describe('guessing', () => {
  test('of a password is stopped after ten tries from one address, and goes on record', async () => {
    const guesses: number[] = [];
    for (let guess = 0; guess < 11; guess += 1) guesses.push(await signIn(`guess-${guess}`, '192.0.2.1'));
    expect(guesses).toEqual([...Array<number>(10).fill(401), 429]);
    expect(await signIn('operator-password', '192.0.2.1')).toBe(429);
    expect(await signIn('operator-password', '192.0.2.2')).toBe(200);
    expect((await records()).map(({ action, address, details }) => [action, address, details])).toEqual([
      ['sign-in.refused', '192.0.2.1', { kind: 'password', count: 1 }],
      ['sign-in.refused', '192.0.2.1', { kind: 'password', count: 10 }],
    ]);
  });

  test('of a password from many addresses is stopped, but not the operator who signed in before', async () => {
    expect(await signIn('operator-password', '198.51.100.1')).toBe(200);
    const statuses = new Set<number>();
    for (let guess = 0; guess < 120; guess += 1)
      statuses.add(await signIn('wrong', `203.0.113.${Math.floor(guess / 5)}`));
    expect([...statuses]).toEqual([401, 429]);
    expect(await signIn('operator-password', '198.51.100.1')).toBe(200);
    expect(await signIn('operator-password', '198.51.100.2')).toBe(429);
  });

  test('of a key is slowed down, and a right key is still accepted from there', async () => {
    const path = '/api/events/a/b';
    const wrong = (guess: number) => ask(path, `Bearer swk_${String(guess).padStart(43, 'x')}`, '192.0.2.9');
    const statuses = await Promise.all(Array.from({ length: 310 }, (_, guess) => wrong(guess)));
    expect(statuses.filter((each) => each === 429)).toHaveLength(10);
    expect(await ask(path, `Bearer ${service.tenant.apiKey}`, '192.0.2.9')).toBe(404);
    expect((await records()).map(({ details }) => details?.['count'])).toEqual([10, 100]);
  });
});

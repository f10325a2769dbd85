/** A tenant is deleted from the command line: with confirmation, with everything of it, and again after a crash. */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { tenantTables } from '../../../src/privacy/delete-tenant.ts';
import { openRedis, waitUntilReady } from '../../../src/runtime/redis.ts';
import { type Ran, runLine } from '../../support/servers/command-line.ts';
import { ServiceProcess, signal } from '../../support/servers/processes.ts';
import { whyNoRedis } from '../../support/servers/redis.ts';
import { startService, type TestService, type TestTenant } from '../../support/servers/service.ts';
import { Person } from '../../support/worlds/person.ts';
import { findInRedis, findInTables } from '../../support/worlds/traces.ts';

const redis = whyNoRedis === null ? { redisUrl: inject('redisServer') ?? '' } : {};
let service: TestService;
let leaving: TestTenant;
beforeAll(async () => {
  service = await startService({ ...redis });
});
afterAll(() => service.stop());
beforeEach(async () => {
  leaving = await service.anotherTenant();
});

const settings = (): Record<string, string> => ({
  DATABASE_URL: service.databaseUrl,
  DATA_DIR: service.services.config.dataDir,
  ...('redisUrl' in redis ? { REDIS_URL: redis.redisUrl } : {}),
});
const remove = (...args: string[]): Promise<Ran> =>
  runLine(settings(), 'tenant', 'delete', '--tenant', leaving.tenantId, ...args);

async function lives(tenant: TestTenant): Promise<{ person: Person; ruleName: string; token: string }> {
  const person = await Person.arrives(service, tenant);
  const ruleName = `Rule ${randomUUID()}`;
  await person.budget('100.00', { name: ruleName });
  await person.spend('90.00');
  const token = await service.token(person.userId, { tenantId: tenant.tenantId });
  expect((await service.get('/api/smart-alerts/rules', token)).status).toBe(200);
  return { person, ruleName, token };
}

async function readRedis(texts: readonly string[]): Promise<string[]> {
  if (!('redisUrl' in redis)) return [];
  const client = openRedis(redis.redisUrl, 'caller', { name: 'test', log: service.services.log });
  await waitUntilReady(client, 5_000);
  try {
    return await findInRedis(client, texts);
  } finally {
    client.disconnect();
  }
}

const tenantExists = async (): Promise<boolean> => {
  const { rows } = await statement`select 1 from tenants where id = ${leaving.tenantId}`.execute(service.sql);
  return rows.length > 0;
};

test('without --yes nothing is deleted, and the refusal says how much it would be', async () => {
  await lives(leaving);
  const { code, stdout, stderr } = await remove();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('this would delete Test with 1 people and 1 expenses');
  expect(await tenantExists()).toBe(true);
});

test('with --yes everything goes but one audit record, and other tenants stay', async () => {
  const gone = await lives(leaving);
  const stays = await lives(service.tenant);
  const { code, stdout } = await remove('--yes', '--json');
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 0,
    tenantId: leaving.tenantId,
    deleted: { tenants: 1, users: 1, expenses: 1, events: 1, api_keys: 2, webhook_sources: 1 },
  });
  expect(await findInTables(service.sql, [gone.ruleName, gone.person.userId])).toEqual([]);
  expect(await readRedis([gone.ruleName])).toEqual([]);
  const { rows } = await statement`
    select action, actor from audit_events where tenant = ${leaving.tenantId}`.execute(service.sql);
  expect(rows).toEqual([{ action: 'tenant.deleted', actor: 'command line' }]);
  const refused = async () => {
    expect((await service.get('/api/events/api/any', leaving.apiKey)).status).toBe(401);
    expect((await service.get('/api/smart-alerts/rules', gone.token)).status).toBe(401);
  };
  await vi.waitFor(refused, { timeout: 10_000, interval: 100 });
  expect((await service.get('/api/smart-alerts/rules', stays.token)).body.data).toMatchObject([
    { name: stays.ruleName, spent: '90.00' },
  ]);
  await stays.person.spend('20.00');
  expect(await stays.person.heard()).toContain(100);
  expect(await remove('--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('no tenant') });
});

test('a deletion that is killed has ended the keys, and goes on when it is repeated', async () => {
  const { person } = await lives(leaving);
  const holding = Promise.withResolvers<void>();
  const held = service.sql.transaction().execute(async (sql) => {
    await statement`select from users where id = ${person.userId} for update`.execute(sql);
    await holding.promise;
  });
  const command = await ServiceProcess.start(`tenant delete --tenant ${leaving.tenantId} --yes`, settings(), {
    program: 'src/cli/spendwatch.js',
  });
  const rulesLeft = async () =>
    (
      await statement`select 1 from smart_alert_rules where tenant_id = ${leaving.tenantId}`.execute(
        service.sql,
      )
    ).rows;
  await vi.waitFor(async () => expect(await rulesLeft()).toEqual([]), { timeout: 20_000 });
  signal(command.pid, 'SIGKILL');
  await command.ended;
  holding.resolve();
  await held;
  expect(await tenantExists()).toBe(true);
  const isRefused = async () =>
    expect((await service.get('/api/events/api/any', leaving.adminKey)).status).toBe(401);
  await vi.waitFor(isRefused, { timeout: 10_000, interval: 100 });
  expect(await remove('--yes')).toMatchObject({ code: 0 });
  expect(await tenantExists()).toBe(false);
  expect(await findInTables(service.sql, [person.userId])).toEqual([]);
});

test('every table with rows of tenants is emptied in portions', async () => {
  const { rows } = await statement<{ table: string }>`
    select table_name as table from information_schema.columns
    where table_schema = 'public' and column_name = 'tenant_id'
    order by 1`.execute(service.sql);
  expect([...tenantTables].toSorted()).toEqual(rows.map(({ table }) => table));
});

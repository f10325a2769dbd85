import { afterAll, beforeAll, expect, it } from 'vitest';
import { forEachTenant } from '../../../src/operate/for-each-tenant.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

it('does the work for every tenant, also where one of them fails, and then says so', async () => {
  const tenants = [service.tenant.tenantId, (await service.anotherTenant()).tenantId];
  const seen: string[] = [];
  const run = forEachTenant(service.services.db, { signal: undefined }, async (tenantId) => {
    seen.push(tenantId);
    if (seen.length === 1) throw new Error('no luck');
  });
  await expect(run).rejects.toThrow('1 of 2 tenants failed');
  expect(seen.toSorted()).toEqual(tenants.toSorted());
});

it('answers what the work returned, tenant by tenant', async () => {
  const answers = await forEachTenant(
    service.services.db,
    { signal: undefined },
    async (tenantId) => tenantId,
  );
  expect(answers).toHaveLength(2);
  expect(answers).toContain(service.tenant.tenantId);
});

it('begins with no tenant once the run is handed back', async () => {
  const signal = AbortSignal.abort(new Error('handed back'));
  const seen: string[] = [];
  const run = forEachTenant(service.services.db, { signal }, async (tenantId) => seen.push(tenantId));
  await expect(run).rejects.toThrow('handed back');
  expect(seen).toEqual([]);
});

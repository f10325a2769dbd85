import { afterAll, beforeAll, expect, it } from 'vitest';
import { forEachTenant } from '../../../src/operate/for-each-tenant.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

it('a loop over tenants goes on after one of them fails, and then reports the failure', async () => {
  const tenants = [service.tenant.tenantId, (await service.anotherTenant()).tenantId];
  const seen: string[] = [];
  const run = forEachTenant(service.services.db, { signal: undefined }, async (tenantId) => {
    seen.push(tenantId);
    if (seen.length === 1) throw new Error('no luck');
  });
  await expect(run).rejects.toThrow('1 of 2 tenants failed');
  expect(seen.toSorted()).toEqual(tenants.toSorted());
});

it('a loop over tenants returns the result of each tenant', async () => {
  const answers = await forEachTenant(
    service.services.db,
    { signal: undefined },
    async (tenantId) => tenantId,
  );
  expect(answers).toHaveLength(2);
  expect(answers).toContain(service.tenant.tenantId);
});

it('a loop over tenants starts no tenant once the run is handed back', async () => {
  const signal = AbortSignal.abort(new Error('handed back'));
  const seen: string[] = [];
  const run = forEachTenant(service.services.db, { signal }, async (tenantId) => seen.push(tenantId));
  await expect(run).rejects.toThrow('handed back');
  expect(seen).toEqual([]);
});

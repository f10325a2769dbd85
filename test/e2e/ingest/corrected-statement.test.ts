/** A file whose rows were corrected, imported after the first: the later amounts stay. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../../support/servers/command-line.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(path.join(tmpdir(), 'spendwatch-corrected-'));
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true });
});

const settings = () => ({
  DATABASE_URL: service.databaseUrl,
  JWT_SECRET: 'a-secret-of-these-tests-of-32-characters',
});

/** Imports rows of one day, which have ids and no time. Their events are known by a hash of the row. */
async function importAmounts(name: string, amounts: readonly string[]): Promise<void> {
  const file = path.join(folder, name);
  const rows = amounts.map((amount, index) => `tx-${index},u1,food,2026-11-03,Café ${index},${amount}`);
  await writeFile(file, `id,user,category,date,merchant,amount\n${rows.join('\n')}\n`);
  const done = await runCommand(settings(), 'import', file, '--tenant', service.tenant.tenantId);
  expect(done).toMatchObject({ rejected: 0 });
  await service.settled();
}

const readAmounts = async (): Promise<string[]> => {
  const { body } = await service.get('/api/users/u1/export', service.tenant.adminKey);
  return body.expenses.map(({ amount }: { amount: string }) => amount);
};

test('corrected rows of an import replace all the rows that they correct, and so do later corrections', async () => {
  const amounts = (cents: number) => Array.from({ length: 12 }, (_, index) => `${index + 1}.${cents}`);
  for (const cents of [10, 20, 30]) {
    await importAmounts(`${cents}.csv`, amounts(cents));
    expect(await readAmounts()).toEqual(expect.arrayContaining(amounts(cents)));
  }
  // The first file again brings nothing back, as its rows are known.
  await importAmounts('again.csv', amounts(10));
  expect(await readAmounts()).toEqual(expect.arrayContaining(amounts(30)));
});

test('an import says how many expenses of another sender it replaced', async () => {
  const data = { userId: 'u1', categoryId: 'food', amount: '5.00', currency: 'USD' };
  const events = ['tx-0', 'tx-1'].map((expenseId) => ({
    id: `posted-${expenseId}`,
    source: 'cards',
    type: 'expense.created',
    time: '2026-11-02T12:00:00Z',
    data: { ...data, expenseId, spentAt: '2026-11-02T12:00:00Z' },
  }));
  const tenant = await service.anotherTenant();
  const posted = await service.post('/api/events', events, tenant.apiKey);
  expect(posted.body).toMatchObject({ accepted: 2 });
  await service.settled();
  const file = path.join(folder, 'replacing.csv');
  const rows = [0, 7].map((number) => `tx-${number},u1,food,2026-11-03,Café,6.00`);
  await writeFile(file, `id,user,category,date,merchant,amount\n${rows.join('\n')}\n`);
  const done = await runCommand(settings(), 'import', file, '--tenant', tenant.tenantId);
  expect(done).toEqual({ rows: 2, accepted: 2, duplicates: 0, rejected: 0, replaced: 1 });
});

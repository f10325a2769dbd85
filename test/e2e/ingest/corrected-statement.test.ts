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

/** Imports rows of one day, which have ids and no time. Their events are known by a hash of the row. */
async function importAmounts(name: string, amounts: readonly string[]): Promise<void> {
  const file = path.join(folder, name);
  const rows = amounts.map((amount, index) => `tx-${index},u1,food,2026-11-03,Café ${index},${amount}`);
  await writeFile(file, `id,user,category,date,merchant,amount\n${rows.join('\n')}\n`);
  const settings = {
    DATABASE_URL: service.databaseUrl,
    JWT_SECRET: 'a-secret-of-these-tests-of-32-characters',
  };
  const done = await runCommand(settings, 'import', file, '--tenant', service.tenant.tenantId);
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

/** `spendwatch tenant list` and `spendwatch tenant show`. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ran, runLine } from '../../support/servers/command-line.ts';
import { freshDatabase } from '../../support/servers/database.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const spendwatch = (...args: string[]): Promise<Ran> => runLine({ DATABASE_URL: database.url }, ...args);
/** Runs a command and parses the one JSON document that it prints. */
async function json(...args: string[]): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await spendwatch(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, string>;
}

it('lists no tenant in a new database, and says how to make one', async () => {
  expect(await json('tenant', 'list')).toEqual([]);
  expect((await spendwatch('tenant', 'list')).stdout).toContain('tenant create');
});

it('lists tenants, and shows one with its settings, counts and limits', async () => {
  const { tenantId = '' } = await json('tenant', 'create', '--name', 'Zeta', '--benchmarks', 'opt-in');
  await json('key', 'create', '--tenant', tenantId);
  const { keyId = '' } = await json('key', 'create', '--tenant', tenantId);
  await json('key', 'revoke', keyId);
  await json('tenant', 'limits', '--tenant', tenantId, '--sms', '5');
  const { stdout: listed } = await spendwatch('tenant', 'list', '--json');
  const createdAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT\S+Z$/);
  const own = { tenantId, name: 'Zeta', timezone: 'UTC', currency: 'USD', createdAt };
  expect(JSON.parse(listed)).toEqual(expect.arrayContaining([own]));
  expect(await json('tenant', 'show', tenantId)).toEqual({
    ...own,
    benchmarks: 'opt-in',
    confirmAddresses: false,
    people: 0,
    rules: 0,
    keys: 2,
    limits: {
      month: expect.stringMatching(/^\d{4}-\d\d$/),
      mail: { limit: null, own: null, used: null },
      sms: { limit: 5, own: 5, used: null },
    },
  });
  const { stdout: lines } = await spendwatch('tenant', 'list');
  expect(lines).toMatch(new RegExp(`^${tenantId}  UTC  USD  made \\S+  Zeta$`, 'm'));
  const { stdout: shown } = await spendwatch('tenant', 'show', tenantId);
  expect(shown).toContain('people 0, active rules 0, keys 2\n');
  expect(shown).toContain('SMS: 0 of 5, its own limit\n');
});

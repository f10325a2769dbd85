/** `spendwatch rates import`, from files and from an address. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ran, runLine } from '../../support/servers/command-line.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { Person } from '../../support/worlds/person.ts';

const queues = await queuesOfFile();
let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'spendwatch-rates-'));
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true });
});

const importRates = (source: string, ...options: string[]): Promise<Ran> =>
  runLine(
    { DATABASE_URL: service.databaseUrl, ...queues },
    'rates',
    'import',
    source,
    '--tenant',
    service.tenant.tenantId,
    ...options,
  );
const fileOf = async (name: string, text: string | Uint8Array): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
};
const today = () => service.clock.now().toString().slice(0, 10);
const stored = async () =>
  service.sql
    .selectFrom('fx_rates')
    .select(['date', 'base', 'currency', 'rate'])
    .where('tenant_id', '=', service.tenant.tenantId)
    .orderBy('date')
    .orderBy('currency')
    .execute();

test('prices expenses that had no rate, and alerts', async () => {
  const person = await Person.arrives(service);
  const ruleId = await person.budget('100.00');
  await person.spend('100.00', { currency: 'EUR' });
  expect(await person.rule(ruleId)).toMatchObject({ spent: '0.00' });
  const csv = `Date, USD, CYP, \n${today()}, 1.05, 0.58, \n`;
  const { code, stdout } = await importRates(await fileOf('daily.csv', csv), '--json');
  expect({ code, ...JSON.parse(stdout) }).toEqual({
    code: 0,
    days: 1,
    rates: 1,
    repricing: 0,
    unknown: ['CYP'],
  });
  await service.settled();
  expect(await person.rule(ruleId)).toMatchObject({ spent: '105.00' });
  expect(await person.heard()).toEqual([100]);
});

test('reads an address, leaves out days before --since, and changes nothing a second time', async () => {
  const xml = `<Envelope><Cube><Cube time="2026-01-05"><Cube currency="GBP" rate="0.87"/></Cube>
    <Cube time="2026-01-02"><Cube currency="GBP" rate="0.86"/></Cube></Cube></Envelope>`;
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/rates.xml' ? 200 : 404).end(xml);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The server listens on a port, so its address is one.
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/rates.xml`;
  expect(await importRates(address, '--since', '2026-01-05')).toMatchObject({ code: 0 });
  const once = await stored();
  expect(once.filter(({ currency }) => currency === 'GBP')).toMatchObject([{ base: 'EUR', rate: '0.87' }]);
  expect(await importRates(address, '--since', '2026-01-05')).toMatchObject({ code: 0 });
  expect(await stored()).toEqual(once);
  const { code, stderr } = await importRates(`http://127.0.0.1:${port}/nothing`);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `error: cannot read http://127.0.0.1:${port}/nothing: it answers 404\n`,
  });
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['broken.csv', 'Date,USD\n2026-11-20,1.05\n2026-11-21,x\n', 'line 3, USD: "x" is not a rate above zero'],
  ['archive.zip', Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe), 'is not text in UTF-8; unpack it first'],
])('refuses %s as a whole and stores nothing', async (name, content, reason) => {
  const before = await stored();
  const { code, stderr } = await importRates(await fileOf(name, content));
  expect(code).toBe(1);
  expect(stderr).toContain(reason);
  expect(await stored()).toEqual(before);
});

test.each([
  [['missing.csv'], 'cannot read missing.csv'],
  [['missing.csv', '--base', 'euro'], 'Give an ISO 4217 code'],
  [['http://rates.example/daily.csv'], 'give an address that begins with https://'],
  [['missing.csv', '--since', 'May'], 'Give a day between 1900 and 2199'],
])('names what is wrong in %j', async (args, reason) => {
  const [source = '', ...options] = args;
  const { code, stderr } = await importRates(source, ...options);
  expect(code).toBe(1);
  expect(stderr).toContain(reason);
});

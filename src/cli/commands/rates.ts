/** The command `spendwatch rates import`. */
import { readFile, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { readTenant } from '../../accounts/tenants.ts';
import { followEvaluation } from '../../http/follow-evaluation.ts';
import { isLoopback } from '../../runtime/config/secrets.ts';
import type { Services } from '../../services.ts';
import { putFxRates, type RateTable } from '../../settings/put-fx-rates.ts';
import { readRateFile, UnreadableRates } from '../../settings/read-rate-file.ts';
import { CommandError } from '../failure.ts';
import { startProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noTenant } from '../no-tenant.ts';
import { currency, day, uuid } from './options.ts';

type Options = { tenant: string; base: string; since?: string; json?: boolean };

/** `repricing`: days whose expenses a job prices after the command. `unknown`: codes that were left out. */
type Imported = { days: number; rates: number; repricing: number; unknown: string[] };

const about = `
Formats, told apart by the content:
  the XML of the European Central Bank, such as
    https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml
  its CSV: a column Date, and one for each currency
  CSV with the columns date, currency, rate and, where it has one, base
A file with a rate that cannot be read is refused as a whole. Importing it twice changes nothing.
Codes that are not in ISO 4217, such as currencies of the past, are left out.`;

export const ratesCommand = (shell: Shell): Command =>
  new Command('rates').description('The exchange rates of a tenant.').addCommand(importCommand(shell));

const importCommand = (shell: Shell): Command =>
  createCommand({
    name: 'import',
    description:
      'Take in exchange rates from a file or an address. Expenses that they cover are priced anew.',
    prints:
      'how many days and rates it took; {"days", "rates", "repricing", "unknown"} with --json, where `repricing` counts days whose expenses a job prices afterwards',
    example:
      'npx spendwatch rates import rates.csv --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --since 2026-01-01',
  })
    .argument('<source>', 'a file, or an address that begins with https://')
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .option('--base <currency>', 'the currency that a CSV without a column base is against', currency, 'EUR')
    .option('--since <day>', 'leave out earlier days', day)
    .addHelpText('after', about)
    .action(async (source: string, options: Options) => {
      const { tables, unknown } = readRates(await readSource(source), options.base);
      const wanted = tables.filter(({ date }) => date >= (options.since ?? ''));
      if (wanted.length === 0) throw new CommandError(`${source} has no rates since ${options.since}`);
      const imported = await withServices(shell, (services) =>
        importTables({ shell, services }, options.tenant, wanted),
      );
      print(shell, { json: { ...imported, unknown }, text: textOf({ ...imported, unknown }) }, options);
    });

function readRates(text: string, base: string) {
  try {
    return readRateFile(text, base);
  } catch (error) {
    throw error instanceof UnreadableRates ? new CommandError(error.message) : error;
  }
}

/** The history of the European Central Bank since 1999 has 6 MB. */
const sourceBytes = 50_000_000;
const sourceSeconds = 60;

const readSource = (source: string): Promise<string> =>
  /^https?:\/\//i.test(source) ? readAddress(source) : readLocal(source);

async function readLocal(file: string): Promise<string> {
  const { size } = await stat(file).catch(() => {
    throw new CommandError(`cannot read ${file}`);
  });
  if (size > sourceBytes) throw new CommandError(`${file} is larger than ${sourceBytes / 1_000_000} MB`);
  return decode(await readFile(file), file);
}

async function readAddress(address: string): Promise<string> {
  const failed = (reason: string) => new CommandError(`cannot read ${address}: ${reason}`);
  const url = URL.parse(address);
  if (!url || (url.protocol === 'http:' && !isLoopback(url.hostname)))
    throw failed('give an address that begins with https://, as nobody can change its answer on the way');
  const signal = AbortSignal.timeout(sourceSeconds * 1000);
  const response = await fetch(address, { signal }).catch((error: unknown) => {
    throw failed(error instanceof Error ? reasonOf(error) : String(error));
  });
  if (!response.ok) throw failed(`it answers ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > sourceBytes) throw failed(`it is larger than ${sourceBytes / 1_000_000} MB`);
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks), address);
}

/** `fetch` gives the reason as the cause of its error. */
const reasonOf = ({ cause, message }: Error): string => (cause instanceof Error ? cause.message : message);

function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(`${source} is not text in UTF-8; unpack it first if it is an archive`);
  }
}

type Context = { shell: Shell; services: Services };

/** Each day is a transaction of its own: after an interruption the command is run again. */
async function importTables(
  { shell, services }: Context,
  tenantId: string,
  tables: readonly RateTable[],
): Promise<Omit<Imported, 'unknown'>> {
  const { db, clock } = services;
  const tenant = await db.transaction([tenantId], (sql) => readTenant(sql, tenantId));
  if (!tenant) throw noTenant(tenantId);
  const progress = startProgress(shell, 'rates', tables.length, 'days');
  const imported = { days: 0, rates: 0, repricing: 0 };
  try {
    for (const table of tables) {
      const { evaluated, repricingId } = await putFxRates(db, tenantId, table, clock.now());
      await followEvaluation(services, evaluated, randomUUID());
      imported.days += 1;
      imported.rates += Object.keys(table.rates).length;
      imported.repricing += repricingId === null ? 0 : 1;
      progress.update(imported.days);
    }
  } finally {
    progress.stop();
  }
  return imported;
}

function textOf({ days, rates, repricing, unknown }: Imported): string {
  const taken = `${days} days with ${rates} rates`;
  const later = repricing === 0 ? [] : [`Expenses of ${repricing} days are priced anew by a job.`];
  const left =
    unknown.length === 0 ? [] : [`Left out, as ISO 4217 does not have them: ${unknown.join(', ')}.`];
  return [taken, ...later, ...left].join('\n');
}

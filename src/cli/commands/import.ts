/** The command `spendwatch import`: imports the expenses of a CSV file. */
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { readTenant, type TenantSettings } from '../../accounts/tenants.ts';
import type { Services } from '../../services.ts';
import { CommandError } from '../failure.ts';
import {
  type Import,
  type ImportCounts,
  importStatement,
} from '../../ingest/statement-files/import-statement.ts';
import { startProgress } from '../progress.ts';
import { RejectedFile, rejectedName } from '../../ingest/statement-files/rejected-file.ts';
import { openStatement, type Statement } from '../../ingest/statement-files/statement.ts';
import { type Survey, surveyStatement } from '../../ingest/statement-files/dialect/survey.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { DryRun } from './dry-run.ts';
import { noTenant } from '../no-tenant.ts';
import { uuid } from './options.ts';
import { ReasonCounts } from './reason-counts.ts';
import { addStatementOptions, type ReadOptions } from './statement-options.ts';

type ImportOptions = ReadOptions & { tenant: string; format: string; dryRun?: boolean; json?: boolean };
/** What came to nothing is left out. */
type Imported = Omit<ImportCounts, 'leftOut' | 'replaced'> & {
  rejectedFile?: string;
  leftOut?: Record<string, number>;
  replaced?: number;
};

const about = `
Separator, encoding, header, dates and decimals are found in the file. Where two readings fit, nothing is
imported, and the message names the option that decides. Columns with usual names need no --map. A date alone
is noon in the person's time zone. Rows known before are passed over: begin again after an interruption, or
import a longer file. Pending and reverted payments are left out and counted.

Examples:
  See what would be read; nothing is stored:
  $ npx spendwatch import bank.csv --tenant ID --user ann --category unsorted --dry-run
  An account where spent money is negative:
  $ npx spendwatch import bank.csv --tenant ID --user ann --category unsorted --spent negative
  A card's file with American dates, and the column of its merchants:
  $ npx spendwatch import card.csv --tenant ID --user ann --date-format MM/dd/yyyy --map merchant=Description
  A file without a header, in Japanese:
  $ npx spendwatch import card.csv --tenant ID --user ann --category card --encoding shift_jis --map date=1,merchant=2,amount=3`;

export const importCommand = (shell: Shell): Command =>
  addStatementOptions(
    createCommand({
      name: 'import',
      description: 'Take in the expenses of a CSV file (.csv, or .csv.gz). Running workers evaluate them.',
      prints:
        'how many rows came to what; {"rows", "accepted", "duplicates", "rejected", "rejectedFile", "leftOut", "replaced"} with --json',
      example:
        'npx spendwatch import F.csv --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --map user=card,date=booked',
    })
      .argument('<file>', 'rows that cannot be used go to FILE.rejected.csv beside it, with the reason')
      .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
      .addOption(new Option('--format <name>', 'of the file').choices(['auto', 'csv']).default('auto'))
      .option('--dry-run', 'show what would be read, and store nothing'),
  )
    .addHelpText('after', about)
    .action(async (file: string, options: ImportOptions) => {
      const statement = await openStatement(file, { ...options, map: options.map ?? {} });
      await withServices(shell, async (services) => {
        const { db } = services;
        const settings = await db.transaction([options.tenant], (sql) => readTenant(sql, options.tenant));
        if (!settings) throw noTenant(options.tenant);
        const tenant = { ...settings, id: options.tenant };
        const survey = await surveyStatement(statement, options.currency ?? tenant.currency);
        const work = { statement, survey, tenant };
        await (options.dryRun ? showFile : importFile)({ shell, services }, work, options);
      });
    });

type ImportContext = { shell: Shell; services: Services };
type Work = { statement: Statement; survey: Survey; tenant: TenantSettings & { id: string } };

async function importFile(context: ImportContext, work: Work, options: ImportOptions): Promise<void> {
  const { file, columns } = work.statement;
  refuseQuestions(work);
  await using rejected = await RejectedFile.open(rejectedName(file), columns.header);
  const reasons = { rejected: new ReasonCounts(), leftOut: new ReasonCounts() };
  const counts = await withProgress(context, {
    ...work,
    reject: (row) => {
      reasons.rejected.add(row);
      return rejected.add(row);
    },
    leaveOut: (row) => reasons.leftOut.add(row),
  });
  const written = (await rejected.close()) ? { rejectedFile: rejected.path } : {};
  const leftOut = counts.leftOut > 0 ? { leftOut: reasons.leftOut.totals() } : {};
  const { leftOut: _, replaced: replacing, ...others } = counts;
  const replaced = replacing > 0 ? { replaced: replacing } : {};
  const imported: Imported = { ...others, ...written, ...leftOut, ...replaced };
  print(context.shell, { json: imported, text: textOf(imported) }, options);
  refuseNothing(file, counts, reasons.rejected);
}

function refuseQuestions({ statement, survey: { questions } }: Work): void {
  if (questions.length === 0) return;
  throw new CommandError(`nothing was imported from ${statement.file}: ${questions.join('. Also, ')}`);
}

/** An import that took nothing is a failure, for those who look at the exit code alone. */
function refuseNothing(file: string, counts: ImportCounts, reasons: ReasonCounts): void {
  const { accepted, duplicates, rejected } = counts;
  if (rejected === 0 || accepted + duplicates > 0) return;
  throw new CommandError(`nothing was imported from ${file}: ${reasons.describe()}. See it with --dry-run`);
}

async function showFile(
  { shell, services }: ImportContext,
  work: Work,
  options: ImportOptions,
): Promise<void> {
  const { statement, survey } = work;
  const shown = new DryRun(statement, survey);
  if (survey.questions.length === 0)
    shown.counts = await importStatement(services, { ...work, ...shown.observer });
  print(shell, { json: shown.toJSON(), text: shown.toText() }, options);
  refuseQuestions(work);
}

type Observed = Pick<Import, 'statement' | 'survey' | 'tenant' | 'reject' | 'leaveOut'>;

async function withProgress({ shell, services }: ImportContext, work: Observed): Promise<ImportCounts> {
  const { size } = await stat(work.statement.file);
  const progress = startProgress(shell, 'import', kilobytes(size), 'kB');
  const controller = new AbortController();
  const stop = (): void => controller.abort(interrupted);
  // A second signal ends the process at once.
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await importStatement(services, {
      ...work,
      signal: controller.signal,
      report: (soFar, bytesRead) => progress.update(kilobytes(bytesRead), noteOf(soFar)),
    });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    progress.stop();
  }
}

const interrupted = new CommandError('interrupted: run it again, and it goes on');

const kilobytes = (bytes: number): number => Math.ceil(bytes / 1000);
const shown = (count: number): string => count.toLocaleString('en');

const noteOf = ({ rows, rejected }: ImportCounts): string =>
  `${shown(rows)} rows, ${shown(rejected)} rejected`;

function textOf(imported: Imported): string {
  const { rows, accepted, duplicates, rejected, rejectedFile, leftOut = {}, replaced = 0 } = imported;
  const parts = [`${shown(accepted)} accepted`];
  if (replaced > 0) parts.push(`${shown(replaced)} of them in place of what another sender had posted`);
  parts.push(`${shown(duplicates)} known before`);
  for (const [reason, count] of Object.entries(leftOut)) parts.push(`${shown(count)} left out (${reason})`);
  const where = rejectedFile === undefined ? '' : ` (see ${rejectedFile})`;
  const line = `${shown(rows)} rows: ${parts.join(', ')}, ${shown(rejected)} rejected${where}`;
  return accepted > 0 ? `${line}\nRunning workers evaluate them; where none runs, the next one does.` : line;
}

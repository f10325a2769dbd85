/** The command `spendwatch import`: imports the expenses of a CSV file. */
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { readTenant, type TenantSettings } from '../../accounts/tenants.ts';
import type { Services } from '../../services.ts';
import { CommandError } from '../failure.ts';
import { type ImportCounts, importStatement } from '../../ingest/statement-files/import-statement.ts';
import { startProgress } from '../progress.ts';
import { type ColumnMap, type Columns, fields } from '../../ingest/statement-files/columns.ts';
import { readColumns } from '../../ingest/statement-files/read-file.ts';
import { RejectedFile, rejectedName } from '../../ingest/statement-files/rejected-file.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noTenant } from './no-tenant.ts';
import { columnMap, uuid } from './options.ts';

type ImportOptions = { tenant: string; map?: ColumnMap; json?: boolean };
type Imported = ImportCounts & { rejectedFile?: string };

const about = `
The first line names the columns. Without --map they are found by the usual names: user, category, merchant,
description, date, amount, currency, or those of published purchase cards. A column "id" has the expenses' ids;
without one a row is known by all it says. A date alone is noon in the person's time zone. Amounts are in the
currency the row names, else the tenant's. Rows known before are passed over: begin again after an
interruption, or import a longer file.`;

export const importCommand = (shell: Shell): Command =>
  createCommand({
    name: 'import',
    description: 'Take in the expenses of a CSV file (.csv, or .csv.gz). Running workers evaluate them.',
    prints:
      'how many rows came to what; {"rows", "accepted", "duplicates", "rejected", "rejectedFile"} with --json',
    example:
      'npx spendwatch import F.csv --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --map user=card,date=booked',
  })
    .argument('<file>', 'rows that cannot be used go to FILE.rejected.csv beside it, with the reason')
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .option('--map <columns>', `FIELD=COLUMN,…; fields: ${fields.join(', ')}`, columnMap)
    .addHelpText('after', about)
    .action(async (file: string, options: ImportOptions) => {
      const columns = await readColumns(file, options.map ?? {});
      const imported = await withServices(shell, (services) =>
        importFile({ shell, services }, file, columns, options.tenant),
      );
      print(shell, { json: imported, text: textOf(imported) }, options);
    });

type ImportContext = { shell: Shell; services: Services };

async function importFile(
  context: ImportContext,
  file: string,
  columns: Columns,
  tenantId: string,
): Promise<Imported> {
  const tenant = await context.services.db.transaction([tenantId], (sql) => readTenant(sql, tenantId));
  if (!tenant) throw noTenant(tenantId);
  await using rejected = await RejectedFile.open(rejectedName(file), columns.header);
  const counts = await withProgress(
    context,
    { file, columns, tenant: { ...tenant, id: tenantId } },
    rejected,
  );
  return (await rejected.close()) ? { ...counts, rejectedFile: rejected.path } : counts;
}

type Work = { file: string; columns: Columns; tenant: TenantSettings & { id: string } };

async function withProgress(
  { shell, services }: ImportContext,
  work: Work,
  rejected: RejectedFile,
): Promise<ImportCounts> {
  const { size } = await stat(work.file);
  const progress = startProgress(shell, 'import', kilobytes(size), 'kB');
  const controller = new AbortController();
  const stop = (): void => controller.abort(interrupted);
  // A second signal ends the process at once.
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await importStatement(services, {
      ...work,
      signal: controller.signal,
      reject: (row) => rejected.add(row),
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

function textOf({ rows, accepted, duplicates, rejected, rejectedFile }: Imported): string {
  const parts = [`${shown(accepted)} accepted`, `${shown(duplicates)} known before`];
  const where = rejectedFile === undefined ? '' : ` (see ${rejectedFile})`;
  const line = `${shown(rows)} rows: ${parts.join(', ')}, ${shown(rejected)} rejected${where}`;
  return accepted > 0 ? `${line}\nRunning workers evaluate them; where none runs, the next one does.` : line;
}

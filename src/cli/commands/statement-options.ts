/** The options that say how a statement file is to be read. The import and the demo share them. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { fields } from '../../ingest/statement-files/columns.ts';
import type { StatementOptions } from '../../ingest/statement-files/options.ts';
import { columnMap, currency, identifier } from './options.ts';

/** As Commander collects them. */
export type ReadOptions = Partial<StatementOptions>;

export const addStatementOptions = (command: Command): Command =>
  command
    .option(
      '--map <columns>',
      `columns by name or number, FIELD=COLUMN,…; fields: ${fields.join(', ')}`,
      columnMap,
    )
    .option('--user <id>', 'the person of rows that name none', identifier)
    .option('--category <id>', 'the category of rows that name none', identifier)
    .option('--currency <code>', 'the currency of rows that name none', currency)
    .addOption(
      new Option('--spent <sign>', 'the sign of money that was spent').choices(['negative', 'positive']),
    )
    .addOption(
      new Option(
        '--incoming <kind>',
        'what money that came in is (default: a refund where the row says so or its merchant was paid in the file)',
      ).choices(['refunds', 'ignore']),
    )
    .option('--delimiter <sign>', 'between columns: a sign, or "tab" (default: found in the file)', delimiter)
    .option('--encoding <name>', 'like utf-8, windows-1252, shift_jis (default: found in the file)')
    .option('--header-line <number>', 'the line that names the columns; 0: none (default: found)', headerLine)
    .option('--date-format <format>', 'like dd.MM.yyyy, M/d/yy or dd-MMM-yyyy (default: found in the file)')
    .addOption(
      new Option('--decimal <sign>', 'the decimal sign (default: found in the file)').choices(['.', ',']),
    )
    .option(
      '--key <columns>',
      'columns that identify an expense, COLUMN,… (default: "id", else the payment)',
      key,
    )
    .option('--account <name>', 'gives the ids of the file a space of their own', identifier);

function delimiter(text: string): string {
  const sign = /^(?:tab|\\t)$/i.test(text) ? '\t' : text;
  if (sign.length !== 1) throw new InvalidArgumentError('Give one sign, like ";", or "tab".');
  return sign;
}

function headerLine(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('Give the number of a line, or 0 for none.');
  return Number(text);
}

function key(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Give columns with commas between them.');
  return names;
}

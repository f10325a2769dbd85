/** The options of `npm run demo`. */
import { Command, InvalidArgumentError } from 'commander';
import { timeZone } from '../cli/commands/options.ts';
import { addStatementOptions, type ReadOptions } from '../cli/commands/statement-options.ts';
import type { ColumnMap } from '../ingest/statement-files/columns.ts';

export type DemoOptions = ReadOptions & {
  exit: boolean;
  file?: string;
  live?: string;
  map: ColumnMap;
  port?: number;
  timezone?: string;
};

const example = `
Examples:
  $ npm run demo
  $ npm run demo -- --exit
  $ npm run demo -- --file statement.csv.gz --live 2021-11
  $ npm run demo -- --file mine.csv --map user=card,category=kind,date=booked,amount=value

Replaying the same again adds nothing: each replay keeps its database under DATA_DIR/demo.`;

const withoutFile = new Set(['--exit', '--file', '--live', '--port']);

export function parseArguments(args: readonly string[]): DemoOptions {
  const command = new Command('npm run demo --')
    .description(
      'Shows Spendwatch at work: replays months of expenses over HTTP into a service of its own, the last month live, and prints what people are told.',
    )
    .option('--exit', 'end after the replay; without it the service keeps running')
    .option('--file <file>', 'replay this CSV file (.csv, or .csv.gz), not the invented people')
    .option(
      '--live <month>',
      'the month that is played live, YYYY-MM (default: the last complete one, or the last in the file)',
      month,
    )
    .option('--port <port>', 'where the service listens; 0: any that is free (default: PORT, or 3000)', port)
    .option('--timezone <zone>', "the file's time zone (default: Europe/London for GBP, else UTC)", timeZone)
    .addHelpText('after', example);
  addStatementOptions(command).parse([...args], { from: 'user' });
  const options = command.opts<Partial<DemoOptions>>();
  const fileOnly = command.options.find(
    (option) =>
      !withoutFile.has(option.long ?? '') && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (fileOnly && options.file === undefined) command.error(`error: ${fileOnly.long} goes with --file`);
  return { exit: false, map: {}, ...options };
}

function month(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('Give a month, like 2026-10.');
  return text;
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 65_535)
    throw new InvalidArgumentError('Give a port from 1 to 65535, or 0 for any free one.');
  return number;
}

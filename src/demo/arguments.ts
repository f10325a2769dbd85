/** The options of `npm run demo`. */
import { Command, InvalidArgumentError } from 'commander';
import { columnMap, currency, timeZone } from '../cli/commands/options.ts';
import { type ColumnMap, fields } from '../ingest/statement-files/columns.ts';

export type DemoOptions = {
  exit: boolean;
  file?: string;
  live?: string;
  map: ColumnMap;
  port?: number;
  timezone?: string;
  currency?: string;
};

const example = `
Examples:
  $ npm run demo
  $ npm run demo -- --exit
  $ npm run demo -- --file statement.csv.gz --live 2021-11
  $ npm run demo -- --file mine.csv --map user=card,category=kind,date=booked,amount=value

Replaying the same again adds nothing: each replay keeps its database under DATA_DIR/demo.`;

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
    .option('--map <columns>', `columns of the file, FIELD=COLUMN,…; fields: ${fields.join(', ')}`, columnMap)
    .option('--port <port>', 'where the service listens; 0: any that is free (default: PORT, or 3000)', port)
    .option('--timezone <zone>', "the file's time zone (default: Europe/London for GBP, else UTC)", timeZone)
    .option('--currency <code>', "the file's currency (default: the one most rows are in)", currency)
    .addHelpText('after', example)
    .parse([...args], { from: 'user' });
  const options = command.opts<Partial<DemoOptions>>();
  const fileOnly = (['map', 'timezone', 'currency'] as const).find(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  if (fileOnly && options.file === undefined) command.error(`error: --${fileOnly} goes with --file`);
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

/** The common parts of all commands: help, services and output. */
import { Command } from 'commander';
import { type Config, readConfig } from '../../runtime/config/config.ts';
import { hasDatabase } from '../../runtime/database/embedded/join.ts';
import { createLog, type Log } from '../../runtime/log.ts';
import { openServices, type Services } from '../../services.ts';
import { CommandError, noDatabase } from '../failure.ts';
import type { Shell } from '../shell.ts';

export type About = {
  name: string;
  description: string;
  /** One line that describes the standard output. */
  prints: string;
  example: string;
};

/** The answer of a command, as one JSON document and as text. `notes` are for a person who reads the text. */
export type Answer = { json: unknown; text: string; notes?: readonly string[] };

/** Standard output gets only the answer; progress and errors go to standard error. */
export const createCommand = ({ name, description, prints, example }: About): Command =>
  new Command(name)
    .description(description)
    .option('--json', 'print one JSON document')
    .addHelpText('after', `\nPrints:\n  ${prints}\n\nExample:\n  $ ${example}`);

/** Notes go to standard error: `eval "$(npx -s spendwatch …)"` takes just the text, and zsh takes no comments there. */
export function print(
  { output, errors }: Shell,
  { json, text, notes = [] }: Answer,
  options: { json?: boolean },
): void {
  if (!options.json && notes.length > 0) errors.write(`${notes.join('\n')}\n`);
  output.write(`${options.json ? JSON.stringify(json) : text}\n`);
}

/**
 * Opens the database and queues for a command, without workers or a web server, and closes them afterwards. If
 * DATA_DIR has no database, only a command with `begins` makes one.
 */
export async function withServices<T>(
  shell: Shell,
  work: (services: Services) => Promise<T>,
  { begins = false }: { begins?: boolean } = {},
): Promise<T> {
  const config = readConfig(shell.env);
  if (!begins) await assertDatabase(config);
  const services = await openServices(config, { log: createCommandLog(shell) });
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}

async function assertDatabase({ databaseUrl, dataDir }: Config): Promise<void> {
  if (databaseUrl === null && !(await hasDatabase(dataDir))) throw new CommandError(noDatabase(dataDir));
}

/** Logs warnings and errors only, unless LOG_LEVEL asks for more. */
export const createCommandLog = ({ env, errors }: Shell): Log =>
  createLog(env['LOG_LEVEL'] ?? 'warn', errors);

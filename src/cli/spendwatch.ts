/** The operator's command line. Lists the commands; each is a file in `commands/`. */
import { Command, CommanderError } from 'commander';
import { onClosedOutput } from '../runtime/closed-output.ts';
import { version } from '../runtime/version.ts';
import { failureOf } from './failure.ts';
import { auditCommand } from './commands/audit.ts';
import { deliveryCommand } from './commands/delivery.ts';
import { doctorCommand } from './commands/doctor.ts';
import { importCommand } from './commands/import.ts';
import { jobCommand } from './commands/job.ts';
import { keyCommand } from './commands/key.ts';
import { migrateCommand } from './commands/migrate.ts';
import { ratesCommand } from './commands/rates.ts';
import { tenantCommand } from './commands/tenant.ts';
import { tokenCommand } from './commands/token.ts';
import { userCommand } from './commands/user.ts';
import { webhookCommand } from './commands/webhook.ts';
import { processShell, type Shell } from './shell.ts';

const where = `
Database:
  DATABASE_URL where it is set; else the embedded PostgreSQL of DATA_DIR (.data): the one that
  runs, or one started for the command and stopped after it.

Example:
  $ npx spendwatch tenant create --name "Acme" --timezone Europe/Berlin --currency EUR`;

const createProgram = (shell: Shell): Command =>
  new Command('spendwatch')
    .description('Runs a Spendwatch installation: its database, tenants, keys, tokens and scheduled jobs.')
    .version(version, '--version', 'print the version of Spendwatch')
    .addCommand(migrateCommand(shell))
    .addCommand(tenantCommand(shell))
    .addCommand(keyCommand(shell))
    .addCommand(webhookCommand(shell))
    .addCommand(tokenCommand(shell))
    .addCommand(userCommand(shell))
    .addCommand(importCommand(shell))
    .addCommand(ratesCommand(shell))
    .addCommand(jobCommand(shell))
    .addCommand(deliveryCommand(shell))
    .addCommand(auditCommand(shell))
    .addCommand(doctorCommand(shell))
    .addHelpText('after', where);

/** Runs one command line and returns its exit code; a failure is reported in one line. */
export async function runCommandLine(args: readonly string[], shell: Shell): Promise<number> {
  const program = createProgram(shell);
  connect(program, shell);
  try {
    await program.parseAsync(withoutVainHelp(program, args), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    shell.errors.write(`error: ${failureOf(error)}\n`);
    return 1;
  }
}

const helpWords = new Set(['help', '-h', '--help']);

/**
 * Commander answers an unknown command with help as a success if help is asked for. So the words that ask for it are left
 * out there, and the command is reported.
 */
function withoutVainHelp(program: Command, args: readonly string[]): string[] {
  let command: Command | undefined = program;
  for (const word of args.filter((each) => !each.startsWith('-') && !helpWords.has(each))) {
    if (command.commands.length === 0) break;
    command = command.commands.find((each) => each.name() === word);
    if (!command) return args.filter((each) => !helpWords.has(each));
  }
  return [...args];
}

/** Connects the commands to the shell. By default Commander writes to this process's output and ends it. */
function connect(command: Command, shell: Shell, above = 'npx'): void {
  const words = `${above} ${command.name()}`;
  const writeOut = (text: string) => shell.output.write(text);
  const writeErr = (text: string) => shell.errors.write(text);
  command.exitOverride().configureOutput({ writeOut, writeErr }).showHelpAfterError(`(see ${words} --help)`);
  for (const each of command.commands) connect(each, shell, words);
}

export async function main(args: readonly string[]): Promise<void> {
  // Long commands listen for the signal; short ones are almost done.
  onClosedOutput([process.stdout, process.stderr], () => process.emit('SIGTERM', 'SIGTERM'));
  const code = await runCommandLine(args, processShell);
  if (code !== 0) process.exitCode = code;
}

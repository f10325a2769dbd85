/** The operator's command line. Lists the commands; each is a file in `commands/`. */
import { Command, CommanderError } from 'commander';
import { onClosedOutput } from '../runtime/closed-output.ts';
import { failureOf } from './failure.ts';
import { auditCommand } from './commands/audit.ts';
import { deliveryCommand } from './commands/delivery.ts';
import { doctorCommand } from './commands/doctor.ts';
import { importCommand } from './commands/import.ts';
import { jobCommand } from './commands/job.ts';
import { keyCommand } from './commands/key.ts';
import { migrateCommand } from './commands/migrate.ts';
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
    .showHelpAfterError('(add --help to see how it is used)')
    .addCommand(migrateCommand(shell))
    .addCommand(tenantCommand(shell))
    .addCommand(keyCommand(shell))
    .addCommand(webhookCommand(shell))
    .addCommand(tokenCommand(shell))
    .addCommand(userCommand(shell))
    .addCommand(importCommand(shell))
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
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    shell.errors.write(`error: ${failureOf(error)}\n`);
    return 1;
  }
}

/** Connects the commands to the shell. By default Commander writes to this process's output and ends it. */
function connect(command: Command, shell: Shell): void {
  const writeOut = (text: string) => shell.output.write(text);
  const writeErr = (text: string) => shell.errors.write(text);
  command.exitOverride().configureOutput({ writeOut, writeErr });
  for (const each of command.commands) connect(each, shell);
}

export async function main(args: readonly string[]): Promise<void> {
  // Long commands listen for the signal; short ones are almost done.
  onClosedOutput([process.stdout, process.stderr], () => process.emit('SIGTERM', 'SIGTERM'));
  const code = await runCommandLine(args, processShell);
  if (code !== 0) process.exitCode = code;
}
